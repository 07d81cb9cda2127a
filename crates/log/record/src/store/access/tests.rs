use super::*;

#[test]
fn what_stands_before_the_host_is_not_told() {
    assert_eq!(redacted("s3://AKIA:secret@bucket/logs/a@b"), "s3://…@bucket/logs/a@b");
    assert_eq!(redacted("http://user:p@ss@host"), "http://…@host");
    assert_eq!(redacted("s3://bucket/a@b"), "s3://bucket/a@b");
    assert_eq!(redacted("logs/a.jsonl"), "logs/a.jsonl");
}

#[test]
fn names_of_buckets_are_checked() {
    assert_eq!(check_bucket("my-bucket.logs_2"), Ok(()));
    for wrong in ["", "a b", "KEY:SECRET@bucket", &"x".repeat(64), "näme"] {
        let reason = check_bucket(wrong).unwrap_err();
        assert!(!reason.contains("SECRET@"), "{reason}");
    }
}

#[test]
fn addresses_are_checked_and_not_told() {
    for good in ["http://127.0.0.1:9000", "https://store.example.com/base", "http://[::1]:9000"] {
        assert_eq!(check_endpoint(good), Ok(()), "{good}");
    }
    for wrong in ["", "not a url hunter2", "http://", "http://user:hunter2@host", "ftp://hunter2", "http://ho st"] {
        let reason = check_endpoint(wrong).unwrap_err();
        assert!(!reason.contains("hunter2"), "{reason}");
    }
}

#[test]
fn of_an_answer_only_the_code_is_told() {
    let error = "Error performing GET http://s in 5ms - Server returned non-2xx status code: 403 Forbidden: \
                 <Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIASECRETID</AWSAccessKeyId></Error>";
    let told_of = told(error);
    assert!(told_of.ends_with("403 Forbidden: SignatureDoesNotMatch"), "{told_of}");
    let odd = told("x status code: 400 Bad: <Code>\u{1b}[31m</Code>\nerror: forged");
    assert_eq!(odd, "x status code: 400 Bad");
    assert_eq!(told(&"é".repeat(1000)).chars().count(), MAX_MESSAGE_CHARS + 1);
    assert_eq!(told("the connection was reset"), "the connection was reset");
}
