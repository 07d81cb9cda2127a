use super::*;

#[test]
fn a_file_of_too_many_days_is_given_up_and_its_first_days_are_taken() {
    let (tally, mut days) = (Tally::default(), Days::default());
    let most = MAX_DAYS as i64;
    assert!((0..most).all(|day| days.takes(&tally, day * DAY_US)));
    assert_eq!(tally.given_up(), None);
    // A run of exchanges of a day that is left out stays out, and those of a day that is in stay in.
    assert!(!days.takes(&tally, most * DAY_US));
    assert!(!days.takes(&tally, most * DAY_US + 1));
    assert!(days.takes(&tally, 7 * DAY_US));
    assert!(tally.given_up().unwrap().contains("days"));
}

#[test]
fn a_file_of_which_most_is_refused_is_given_up() {
    let tally = Tally::default();
    assert!((0..MAX_REFUSED).all(|_| tally.refuse()));
    assert_eq!(tally.given_up(), None);
    assert!(!tally.refuse());
    assert!(tally.given_up().is_some());
    // One exchange in a hundred, and it is a log.
    (0..=MAX_REFUSED / 100).for_each(|_| tally.accept());
    assert_eq!(tally.given_up(), None);
}
