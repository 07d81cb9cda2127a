use super::*;

#[test]
fn the_contracts_example_is_read() {
    assert_eq!(parse_time_us("2026-04-22T00:00:01.123Z"), Some(1_776_816_001_123_000));
    assert_eq!(parse_time_us("1970-01-01T00:00:00Z"), Some(0));
}

#[test]
fn any_offset_is_the_same_instant() {
    let utc = parse_time_us("2026-04-22T00:00:01.5Z");
    assert_eq!(parse_time_us("2026-04-22T05:30:01.5+05:30"), utc);
    assert_eq!(parse_time_us("2026-04-21T16:00:01.500-08:00"), utc);
    assert_eq!(parse_time_us("2026-04-22t00:00:01.500000000z"), utc);
}

#[test]
fn what_is_no_time_is_none() {
    for text in ["", "yesterday", "2026-04-22", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-04-22T25:00:00Z"]
    {
        assert_eq!(parse_time_us(text), None, "{text}");
    }
    for text in ["1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "2200-01-01T00:00:00Z", "-009999-01-01T00:00:00Z"]
    {
        assert_eq!(parse_time_us(text), None, "{text}");
    }
    assert_eq!(foreign_time_us("1970-01-01 00:00:00+01"), None);
    for text in ["2026-04-22T00:00:01", "2026-04-22T00:00:01.Z", "2026-04-22T00:00:01.12xZ", "éééééééééééé"]
    {
        assert_eq!(parse_time_us(text), None, "{text}");
    }
}

#[test]
fn the_unit_of_a_count_is_told_by_its_size() {
    let us = 1_776_816_001_123_000;
    assert_eq!(epoch_us(1_776_816_001.123), Some(us));
    assert_eq!(epoch_us(1_776_816_001_123.0), Some(us));
    assert_eq!(epoch_us(us as f64), Some(us));
    assert_eq!(epoch_us(1.776_816_001_123e18), Some(us));
    assert_eq!(epoch_us(f64::NAN), None);
    assert_eq!(epoch_us(-5.0), None);
    assert_eq!(epoch_us(7_258_118_399.0), Some(END_US - 1_000_000));
    assert_eq!(epoch_us(7_258_118_400.0), None);
}

proptest::proptest! {
    #[test]
    fn the_fast_path_agrees_with_the_library(us in 0_i64..253_402_300_799_000_000) {
        let mut text = Vec::new();
        write_time(us, &mut text);
        let text = String::from_utf8(text).unwrap();
        assert_eq!(utc_time_us(text.as_bytes()), Some(us), "{text}");
        assert_eq!(text.parse::<Timestamp>().unwrap().as_microsecond(), us);
        assert_eq!(parse_time_us(&text), (us < END_US).then_some(us));
    }

    #[test]
    fn any_text_is_read_as_the_library_reads_it(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,9})?Z") {
        let library = text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond);
        if let Some(us) = utc_time_us(text.as_bytes()) {
            assert_eq!(Some(us), library, "{text}");
        }
    }
}

#[test]
fn foreign_times_are_read_with_and_without_a_zone() {
    let noon = parse_time_us("2026-03-01T10:00:02.5Z");
    for text in [
        "2026-03-01 10:00:02.5",
        "2026-03-01T10:00:02.500000",
        "2026-03-01 10:00:02.500 UTC",
        "2026-03-01T10:00:02.5000000Z",
        "2026-03-01T11:00:02.5+0100",
        "2026-03-01 11:00:02,5 +01:00",
        "2026-03-01T08:30:02.5-01:30",
        "2026-03-01 10:00:02.5 +0000 UTC",
        " 2026-03-01T10:00:02.500000000Z ",
    ] {
        assert_eq!(foreign_time_us(text), noon, "{text}");
    }
    for text in ["", "2026-03-01", "01/Mar/2026:10:00:04 +0000", "2026-03-01T10:00:02.", "2026-03-01T10:00:02 CET", "1"]
    {
        assert_eq!(foreign_time_us(text), None, "{text}");
    }
}
