"""One application: its score of record, why it is what it is, and the rows it rests on."""
