"""Evidence in the order a validator asks for it. It claims no compliance with anything."""
