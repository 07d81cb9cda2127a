use super::*;

/// Every phrase with what it says.
fn lexicon() -> Vec<(Says, &'static str)> {
    WORDS.iter().flat_map(|(says, words)| phrases(words).map(|phrase| (*says, phrase))).collect()
}

#[test]
fn remarks_and_empty_lines_are_no_phrases_and_quotes_keep_spaces() {
    let words = "# remark\n\n  step by step \r\n\"class \"\n<think\n\"\n";
    assert_eq!(phrases(words).collect::<Vec<_>>(), ["step by step", "class ", "<think", "\""]);
}

#[test]
fn every_file_has_phrases_in_lower_case_and_none_twice() {
    for (says, words) in WORDS {
        let mut found: Vec<_> = phrases(words).collect();
        let count = found.len();
        assert!(count > 0, "{says:?}");
        assert!(found.iter().all(|phrase| !phrase.is_empty() && phrase.to_lowercase() == **phrase), "{says:?}");
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), count, "{says:?}");
    }
    assert_eq!(lexicon().len(), 103);
}

#[test]
fn every_phrase_says_what_its_file_says_in_any_case_and_place() {
    for (says, phrase) in lexicon() {
        for text in [phrase.to_owned(), phrase.to_ascii_uppercase(), format!("x{phrase}x")] {
            let cues = read_cues(&text, 0);
            match says {
                Says::Cue(cue) => assert!(cues.has(cue), "{text}"),
                // A phrase may hold one of another capability: then the first of the most voted counts.
                Says::Capability(capability) => assert!(cues.capability() <= capability, "{text}"),
            }
        }
    }
}

#[test]
fn a_phrase_of_one_capability_alone_says_that_one() {
    for (says, phrase) in lexicon() {
        let Says::Capability(capability) = says else { continue };
        let holds_another = |(says, other): &(Says, &str)| {
            matches!(says, Says::Capability(found) if *found != capability) && phrase.contains(other)
        };
        if !lexicon().iter().any(holds_another) {
            assert_eq!(read_cues(phrase, 0).capability(), capability, "{phrase}");
        }
    }
}

#[test]
fn a_text_without_phrases_says_nothing_and_images_are_vision() {
    assert_eq!(read_cues("good morning", 0), Cues(u32::from(Capability::General as u8) << 8));
    assert_eq!(read_cues("good morning", 1).capability(), Capability::Vision);
}

#[test]
fn only_the_head_of_a_text_is_searched() {
    let far = format!("{}step by step", " ".repeat(SEARCHED_BYTES));
    assert!(!read_cues(&far, 0).has(Cue::Reasoning));
    assert!(read_cues(far.trim_start(), 0).has(Cue::Reasoning));
}
