"""Names of columns in loan files that platforms publish: one row a loan, as it stands.

Written from the published schemas before any word of `init` was chosen. `LATER`: filled or changed
by servicing. `KNOWN`: there when the application is decided. Dates are no features: the names
of those that only say when an application came are in neither.
"""


def _names(text: str) -> list[str]:
    return text.split()


LATER = {
    "Lending Club": _names(
        "pymnt_plan out_prncp out_prncp_inv total_pymnt total_pymnt_inv total_rec_prncp"
        " total_rec_int total_rec_late_fee recoveries collection_recovery_fee last_pymnt_d"
        " last_pymnt_amnt next_pymnt_d last_credit_pull_d last_fico_range_high last_fico_range_low"
        " hardship_flag hardship_type hardship_reason hardship_status deferral_term"
        " hardship_amount hardship_start_date hardship_end_date payment_plan_start_date"
        " hardship_length hardship_dpd hardship_loan_status"
        " orig_projected_additional_accrued_interest hardship_payoff_balance_amount"
        " hardship_last_payment_amount debt_settlement_flag debt_settlement_flag_date"
        " settlement_status settlement_date settlement_amount settlement_percentage"
        " settlement_term"
    ),
    "Prosper": _names(
        "ClosedDate LoanCurrentDaysDelinquent LoanFirstDefaultedCycleNumber"
        " LoanMonthsSinceOrigination LP_CustomerPayments LP_CustomerPrincipalPayments"
        " LP_InterestandFees LP_ServiceFees LP_CollectionFees LP_GrossPrincipalLoss"
        " LP_NetPrincipalLoss LP_NonPrincipalRecoverypayments"
    ),
    "Bondora": _names(
        "MaturityDate_Last ContractEndDate ActiveScheduleFirstPaymentReached"
        " PlannedPrincipalTillDate PlannedInterestTillDate LastPaymentOn CurrentDebtDaysPrimary"
        " DebtOccuredOn CurrentDebtDaysSecondary DebtOccuredOnForSecondary DefaultDate"
        " PlannedPrincipalPostDefault PlannedInterestPostDefault EAD1 EAD2 PrincipalRecovery"
        " InterestRecovery RecoveryStage StageActiveSince Restructured ActiveLateCategory"
        " WorseLateCategory ActiveLateLastPaymentCategory PrincipalPaymentsMade"
        " InterestAndPenaltyPaymentsMade PrincipalWriteOffs InterestAndPenaltyWriteOffs"
        " PrincipalBalance InterestAndPenaltyBalance GracePeriodStart GracePeriodEnd"
        " NextPaymentDate NextPaymentNr ReScheduledOn PrincipalDebtServicingCost"
        " InterestAndPenaltyDebtServicingCost PrincipalOverdueBySchedule"
    ),
}

KNOWN = {
    "Lending Club": _names(
        "loan_amnt funded_amnt term int_rate installment grade sub_grade emp_length home_ownership"
        " annual_inc verification_status purpose addr_state dti delinq_2yrs earliest_cr_line"
        " fico_range_low fico_range_high inq_last_6mths mths_since_last_delinq"
        " mths_since_last_record open_acc pub_rec revol_bal revol_util total_acc"
        " initial_list_status collections_12_mths_ex_med mths_since_last_major_derog policy_code"
        " application_type annual_inc_joint dti_joint acc_now_delinq tot_coll_amt tot_cur_bal"
        " open_acc_6m open_act_il open_il_12m mths_since_rcnt_il total_bal_il il_util open_rv_12m"
        " max_bal_bc all_util total_rev_hi_lim inq_fi total_cu_tl inq_last_12m"
        " acc_open_past_24mths avg_cur_bal bc_open_to_buy bc_util chargeoff_within_12_mths"
        " delinq_amnt mo_sin_old_il_acct mo_sin_old_rev_tl_op mo_sin_rcnt_tl mort_acc"
        " mths_since_recent_bc mths_since_recent_bc_dlq mths_since_recent_inq"
        " mths_since_recent_revol_delinq num_accts_ever_120_pd num_actv_bc_tl num_bc_sats num_il_tl"
        " num_rev_tl_bal_gt_0 num_sats num_tl_120dpd_2m num_tl_30dpd num_tl_90g_dpd_24m"
        " num_tl_op_past_12m pct_tl_nvr_dlq percent_bc_gt_75 pub_rec_bankruptcies tax_liens"
        " tot_hi_cred_lim total_bal_ex_mort total_bc_limit total_il_high_credit_limit"
        " revol_bal_joint sec_app_inq_last_6mths sec_app_mort_acc sec_app_open_acc"
        " sec_app_chargeoff_within_12_mths sec_app_collections_12_mths_ex_med"
    ),
    "Prosper": _names(
        "CreditGrade Term BorrowerAPR BorrowerRate LenderYield EstimatedEffectiveYield"
        " EstimatedLoss EstimatedReturn ProsperScore BorrowerState Occupation EmploymentStatus"
        " EmploymentStatusDuration IsBorrowerHomeowner CurrentlyInGroup CreditScoreRangeLower"
        " CreditScoreRangeUpper CurrentCreditLines OpenCreditLines TotalCreditLinespast7years"
        " OpenRevolvingAccounts OpenRevolvingMonthlyPayment InquiriesLast6Months TotalInquiries"
        " CurrentDelinquencies AmountDelinquent DelinquenciesLast7Years PublicRecordsLast10Years"
        " PublicRecordsLast12Months RevolvingCreditBalance BankcardUtilization"
        " AvailableBankcardCredit TotalTrades TradesNeverDelinquent TradesOpenedLast6Months"
        " DebtToIncomeRatio IncomeRange IncomeVerifiable StatedMonthlyIncome TotalProsperLoans"
        " TotalProsperPaymentsBilled OnTimeProsperPayments ProsperPaymentsLessThanOneMonthLate"
        " ProsperPaymentsOneMonthPlusLate ProsperPrincipalBorrowed ProsperPrincipalOutstanding"
        " ScorexChangeAtTimeOfListing LoanOriginalAmount MonthlyLoanPayment PercentFunded"
        " Recommendations InvestmentFromFriendsCount Investors"
    ),
    "Bondora": _names(
        "BidsPortfolioManager BidsApi BidsManual NewCreditCustomer ApplicationSignedHour"
        " ApplicationSignedWeekday VerificationType LanguageCode Country AppliedAmount Amount"
        " Interest LoanDuration MonthlyPayment County UseOfLoan Education NrOfDependants"
        " EmploymentStatus EmploymentDurationCurrentEmployer WorkExperience OccupationArea"
        " HomeOwnershipType IncomeFromPrincipalEmployer IncomeFromPension"
        " IncomeFromFamilyAllowance IncomeFromSocialWelfare IncomeFromLeavePay IncomeOther"
        " IncomeTotal ExistingLiabilities LiabilitiesTotal RefinanceLiabilities DebtToIncome"
        " FreeCash MonthlyPaymentDay ExpectedLoss LossGivenDefault ExpectedReturn"
        " ProbabilityOfDefault ModelVersion Rating CreditScoreEsMicroL CreditScoreEeMini"
        " NoOfPreviousLoansBeforeLoan AmountOfPreviousLoansBeforeLoan"
        " PreviousRepaymentsBeforeLoan PreviousEarlyRepaymentsBefoleLoan"
        " PreviousEarlyRepaymentsCountBeforeLoan"
    ),
}


def split(names: dict[str, list[str]], held_aside: bool) -> list[str]:
    """Every third name in the alphabet's order was held aside; the others served to choose."""
    ordered = sorted({name for some in names.values() for name in some})
    return [name for place, name in enumerate(ordered) if (place % 3 == 2) is held_aside]
