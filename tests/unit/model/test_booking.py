"""Where outcomes exist: the bands of PD in which a lender booked."""

import numpy as np
import pytest

from creditrisk.model.booking import booking_rates, effective, selection_weights

RNG = np.random.default_rng(2)
PDS = RNG.beta(1, 4, 3000)


def test_a_cut_off_is_found_to_the_application():
    rates = booking_rates(PDS, PDS < 0.30)
    below, above = PDS[PDS < 0.30].max(), PDS[PDS >= 0.30].min()
    assert (rates.of(np.array([below, above])) == [1, 0]).all()
    assert len(rates.rates) == 2


def test_overrides_and_a_random_sample_above_it_have_their_share():
    known = (PDS < 0.30) | (RNG.random(len(PDS)) < 0.05)
    above = PDS >= 0.30
    assert booking_rates(PDS, known).of(PDS[above]).mean() == pytest.approx(known[above].mean())


@pytest.mark.parametrize("share", [0.0, 0.03, 0.6, 1.0])
def test_booking_that_does_not_look_at_the_pd_has_one_band(share):
    books = [booking_rates(PDS, np.random.default_rng(n).random(3000) < share) for n in range(40)]
    assert sum(rates.selective for rates in books) <= 1
    assert books[0].rates[0] == pytest.approx(share, abs=0.05)


def test_ties_at_the_cut_off_stay_together():
    pds = np.repeat([0.1, 0.2, 0.3, 0.4], 50)
    rates = booking_rates(pds, pds <= 0.2)
    assert rates.of(np.array([0.1, 0.2, 0.3, 0.4])).tolist() == [1, 1, 0, 0]


def test_weights_turn_one_selection_into_another():
    everybody = booking_rates(PDS, np.ones(len(PDS), bool))
    lenient, strict = booking_rates(PDS, PDS < 0.4), booking_rates(PDS, PDS < 0.2)
    assert selection_weights(everybody, strict, np.array([0.1, 0.3])).tolist() == [1, 0]
    assert selection_weights(strict, lenient, np.array([0.1, 0.3])).tolist() == [1, 0]


def test_no_application_teaches_nothing():
    with pytest.raises(ValueError, match="no application"):
        booking_rates(np.empty(0), np.empty(0, bool))


def test_the_worth_of_weighted_rows():
    assert effective(np.array([2.0, 2.0, 2.0])) == pytest.approx(3)
    assert effective(np.array([1.0, 0.0])) == 1
    assert effective(np.zeros(2)) == 0
