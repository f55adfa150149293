"""What an applicant's columns look like: quantiles of the reference sample by credit mix.

Source: the reference data set, application rows up to 2024-09-01, impossible values removed
first (above 11 accounts or cards, 35% interest, 9 loans, 30 delayed payments, 17 inquiries,
200,000 income). Knots are the .1, 5, 25, 50, 75, 95 and 99.9% quantiles. Shares of the credit
mix among the 9,889 known ones: Good .307, Standard .455, Bad .239. Balance identity: balance =
10% of salary - instalments - investment + allowance of the payment behaviour (exact in two of
three rows). Ages 14..56, of which 14-17 are 5.4% of the rows. Inside one credit mix the columns
correlate by 0 to .5; one common factor stands for that.
"""

from collections.abc import Mapping

Knots = tuple[float, float, float, float, float, float, float]

# Standard normal positions of the knots, so that a copula needs no distribution function.
KNOT_Z: Knots = (-3.09, -1.645, -0.674, 0.0, 0.674, 1.645, 3.09)

MIXES = ("Good", "Standard", "Bad")
# A quality above the first bound is Good, below the second Bad (standard normal quality).
GOOD_ABOVE, BAD_BELOW = 0.505, -0.711

COLUMNS: Mapping[str, tuple[Knots, Knots, Knots]] = {
    "Annual_Income": (
        (9756, 15894, 30994, 55456, 102942, 158843, 179518),
        (7046, 10028, 19307, 34979, 69151, 114122, 147303),
        (7012, 8067, 15362, 20596, 50051, 75874, 83676),
    ),
    "Num_Bank_Accounts": ((0, 0, 1, 3, 4, 6, 8), (2, 3, 4, 6, 7, 8, 10), (6, 6, 7, 8, 9, 10, 10)),
    "Num_Credit_Card": ((1, 1, 3, 4, 6, 7, 8), (2, 3, 4, 5, 7, 8, 10), (5, 5, 6, 7, 9, 10, 11)),
    "Interest_Rate": (
        (1, 1, 3, 6, 9, 12, 12),
        (1, 5, 9, 14, 19, 30, 34),
        (15, 16, 20, 25, 30, 34, 34),
    ),
    "Num_of_Loan": (  # before rounding: a tenth has none
        (-0.4, -0.25, 0.75, 2, 3.25, 4.25, 4.4),
        (-0.4, -0.3, 1.4, 3, 4.4, 7, 7.4),
        (2, 2, 5, 6, 8, 9, 9),
    ),
    "Delay_from_due_date": (
        (-5, 0, 5, 9, 14, 25, 32),
        (1, 6, 12, 18, 25, 35, 62),
        (11, 17, 27, 39, 51, 60, 66),
    ),
    "Num_of_Delayed_Payment": (
        (-3, 0, 3, 7, 10, 16, 21),
        (5, 8, 11, 14, 17, 20, 23),
        (12, 15, 17, 20, 23, 25, 28),
    ),
    "Changed_Credit_Limit": (
        (-5.0, 0.7, 3.1, 6.0, 9.1, 11.8, 18.2),
        (-5.0, 2.2, 8.0, 11.3, 15.5, 19.4, 25.2),
        (-5.0, 1.5, 5.8, 14.5, 21.8, 28.6, 33.6),
    ),
    "Num_Credit_Inquiries": (
        (0, 0, 2, 4, 5, 8, 9),
        (0, 1, 4, 6, 9, 13, 17),
        (6, 6, 9, 11, 13, 16, 17),
    ),
    "Outstanding_Debt": (
        (1.3, 69.3, 373.8, 731.4, 1127.0, 1426.2, 1496.5),
        (1.4, 118.4, 513.4, 1036.2, 1452.4, 2428.9, 2694.9),
        (1253.7, 1412.4, 2128.6, 2850.9, 3891.6, 4769.7, 4990.8),
    ),
    "Credit_Utilization_Ratio": (
        (21.9, 24.6, 28.6, 33.0, 37.2, 41.1, 47.1),
        (21.8, 24.2, 28.1, 32.3, 36.4, 40.1, 44.2),
        (21.9, 23.9, 27.6, 31.9, 36.2, 39.4, 41.6),
    ),
    "Credit_History_Age": (  # months
        (188, 197, 242, 296, 353, 393, 404),
        (68, 87, 166, 224, 300, 382, 402),
        (9, 22, 76, 118, 164, 226, 246),
    ),
}

WHOLE_NUMBERS = (
    "Num_Bank_Accounts",
    "Num_Credit_Card",
    "Interest_Rate",
    "Num_of_Loan",
    "Delay_from_due_date",
    "Num_of_Delayed_Payment",
    "Num_Credit_Inquiries",
    "Credit_History_Age",
)

# Columns in which a strained applicant has less, not more.
LESS_WHEN_STRAINED = ("Annual_Income", "Credit_History_Age")
STRAIN_LOADING = 0.35

AGES = tuple(range(14, 57))
AGE_WEIGHTS = (0.25, *[0.5] * 3, 0.67, *[1.0] * 27, *[0.48] * 10, 0.25)

OCCUPATIONS = (
    "Lawyer",
    "Accountant",
    "Teacher",
    "Media_Manager",
    "Architect",
    "Engineer",
    "Mechanic",
    "Developer",
    "Entrepreneur",
    "Doctor",
    "Scientist",
    "Journalist",
    "Writer",
    "Musician",
    "Manager",
)

LOAN_TYPES = (
    "Credit-Builder Loan",
    "Payday Loan",
    "Not Specified",
    "Mortgage Loan",
    "Personal Loan",
    "Home Equity Loan",
    "Student Loan",
    "Debt Consolidation Loan",
    "Auto Loan",
)

# Payment behaviour: allowance in the balance identity, shares by credit mix (known ones only).
BEHAVIOURS = (
    "High_spent_Large_value_payments",
    "High_spent_Medium_value_payments",
    "High_spent_Small_value_payments",
    "Low_spent_Large_value_payments",
    "Low_spent_Medium_value_payments",
    "Low_spent_Small_value_payments",
)
ALLOWANCES = (240.0, 250.0, 260.0, 270.0, 280.0, 290.0)
BEHAVIOUR_SHARES = (
    (0.19, 0.22, 0.12, 0.11, 0.15, 0.21),
    (0.14, 0.20, 0.12, 0.11, 0.14, 0.29),
    (0.11, 0.16, 0.12, 0.11, 0.15, 0.35),
)

# Payment_of_Min_Amount is Yes: share by credit mix, 'NM' set aside.
PAYS_MINIMUM_SHARES = (0.0, 0.77, 1.0)
