//! The fold law for each sketch, against slow reference models, and the bytes against Apache DataSketches.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use datasketches::hash::value::raw_bytes;
use datasketches::theta::CompactThetaSketch;
use datasketches::theta::ThetaSketchBuilder;
use proptest::prelude::*;
use sketch::DIMENSIONS;
use sketch::Embedder as _;
use sketch::Embedding;
use sketch::HashKey;
use sketch::Histogram;
use sketch::Opening;
use sketch::Reader;
use sketch::SECRET_BYTES;
use sketch::Sample;
use sketch::Span;
use sketch::TextSketch;
use sketch::WordVectors;
use sketch::Writer;
use sketch::hash::mix;
use sketch::hash::value_hash;

/// Under a secret: what holds there holds for the public functions too, which are the same pass.
fn sketch_text(text: &str) -> TextSketch {
    sketch::sketch_text(text, &HashKey::from_secret(&[5; SECRET_BYTES]))
}

const K: usize = 16;

/// All values with their counts, kept whole: what the sample must agree with.
fn reference(values: &[u16]) -> BTreeMap<u64, u32> {
    let mut all = BTreeMap::new();
    for value in values {
        *all.entry(value_hash(&value.to_string())).or_insert(0) += 1;
    }
    all
}

fn sample_of(values: &[u16]) -> Sample<K> {
    let mut sample = Sample::default();
    for value in values {
        sample.add(value_hash(&value.to_string()), 1);
    }
    sample
}

fn bytes(encode: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::new();
    encode(&mut out);
    out.into_bytes()
}

proptest! {
    #[test]
    fn a_sample_is_the_smallest_values_with_their_true_counts(values in proptest::collection::vec(0_u16..200, 0..400)) {
        let expected: Vec<(u64, u32)> = reference(&values).into_iter().take(K).collect();
        prop_assert_eq!(sample_of(&values).iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn any_split_and_any_order_give_the_same_sample_bytes(
        values in proptest::collection::vec(0_u16..100, 0..300),
        cuts in proptest::collection::vec(0_usize..300, 0..5),
    ) {
        let whole = bytes(|out| sample_of(&values).encode(out));
        let mut edges: Vec<usize> = cuts.into_iter().map(|cut| cut.min(values.len())).chain([0, values.len()]).collect();
        edges.sort_unstable();
        let mut parts: Vec<Sample<K>> = edges.windows(2).map(|edge| sample_of(&values[edge[0]..edge[1]])).collect();
        parts.reverse();
        let mut merged = Sample::default();
        for part in &parts {
            merged.merge(part);
        }
        prop_assert_eq!(bytes(|out| merged.encode(out)), whole.clone());
        let mut right = Sample::default();
        for part in parts.into_iter().rev() {
            let mut sum = part;
            sum.merge(&right);
            right = sum;
        }
        prop_assert_eq!(bytes(|out| right.encode(out)), whole);
    }

    #[test]
    fn a_sample_survives_its_bytes_and_noise_never_panics(values in proptest::collection::vec(any::<u16>(), 0..100), noise in any::<Vec<u8>>()) {
        let sample = sample_of(&values);
        let encoded = bytes(|out| sample.encode(out));
        prop_assert_eq!(Sample::decode(&mut Reader::new(&encoded)), Ok(sample));
        let _ = Sample::<K>::decode(&mut Reader::new(&noise));
        let _ = Histogram::decode(&mut Reader::new(&noise));
        let _ = Embedding::decode(&mut Reader::new(&noise));
    }

    #[test]
    fn apache_datasketches_reads_a_sample_as_its_own_theta_sketch(values in proptest::collection::vec(0_u16..500, 0..600)) {
        // A nominal size of 32 is the smallest that the library builds.
        let mut ours: Sample<32> = Sample::default();
        let mut theirs = ThetaSketchBuilder::default().lg_k(5).build().unwrap();
        for value in &values {
            let text = format!("value {value}");
            ours.add(value_hash(&text), 1);
            theirs.update(raw_bytes::from_str(&text));
        }
        theirs.trim();
        prop_assert_eq!(ours.to_theta(), theirs.compact(true).serialize());
        let read = CompactThetaSketch::deserialize(&ours.to_theta()).unwrap();
        prop_assert!((read.estimate() - ours.distinct()).abs() < 1e-6 * read.estimate().max(1.0));
    }

    #[test]
    fn histogram_and_embedding_merge_in_any_split(values in proptest::collection::vec(any::<u64>(), 0..100), cut in 0_usize..100) {
        let cut = cut.min(values.len());
        let fold = |values: &[u64]| {
            let (mut histogram, mut embedding) = (Histogram::default(), Embedding::default());
            for value in values {
                histogram.add(*value);
                embedding.add(&sketch_text(&format!("the number {value} of words like {}", value % 7)).features);
            }
            (histogram, embedding)
        };
        let (whole, (mut left, mut left_e), (right, right_e)) = (fold(&values), fold(&values[..cut]), fold(&values[cut..]));
        left.merge(&right);
        left_e.merge(&right_e);
        prop_assert_eq!((left, left_e.clone()), whole);
        prop_assert_eq!(Histogram::decode(&mut Reader::new(&bytes(|out| left.encode(out)))), Ok(left));
        prop_assert_eq!(Embedding::decode(&mut Reader::new(&bytes(|out| left_e.encode(out)))), Ok(left_e));
    }

    #[test]
    fn frames_are_the_smallest_runs_of_six_words(words in proptest::collection::vec("[a-z]{1,9}", 6..80)) {
        // Under a secret the order of what is stored says nothing of the order in which runs were chosen.
        let sketch_text = |text: &str| sketch::sketch_text(text, &HashKey::public());
        let sketch = sketch_text(&words.join(" "));
        let runs: BTreeSet<u64> = words.windows(6).filter_map(|run| sketch_text(&run.join(" ")).frames().first().copied()).collect();
        let smallest: Vec<u64> = runs.iter().copied().take(8).collect();
        for frame in &smallest {
            prop_assert!(sketch.frames().contains(frame));
        }
        prop_assert!(sketch.frames().iter().all(|frame| runs.contains(frame)));
        prop_assert!(sketch.frames().is_sorted());
    }
}

#[test]
fn another_secret_keeps_other_runs_of_a_text() {
    let text: Vec<String> = (0..200)
        .map(|word| format!("word{}", "abcdefghij".chars().cycle().skip(word).take(1 + word % 7).collect::<String>()))
        .collect();
    let runs: BTreeSet<String> = text.windows(6).map(|run| run.join(" ")).collect();
    let kept = |secret: u8| {
        let key = HashKey::from_secret(&[secret; SECRET_BYTES]);
        let frames = sketch::sketch_text(&text.join(" "), &key).frames().to_vec();
        let is_kept =
            |run: &&String| sketch::sketch_text(run, &key).frames().iter().any(|frame| frames.contains(frame));
        runs.iter().filter(is_kept).cloned().collect::<BTreeSet<_>>()
    };
    let (one, other) = (kept(1), kept(2));
    assert!(one.len() >= 8, "the frames of a text are those of its runs: {}", one.len());
    assert!(one.intersection(&other).count() < one.len() / 2, "{one:?} {other:?}");
}

#[test]
fn texts_with_one_fixed_part_keep_frames_of_it() {
    let fill = |slot: &str| {
        format!(
            "You are a careful reviewer of small programs. Read the task and write a full solution with every step \
             explained.\nTask: {slot}\nReturn the final program in one block and nothing after it."
        )
    };
    let mut holders: BTreeMap<u64, u32> = BTreeMap::new();
    for text in 0..40 {
        let slot: String = (0..25)
            .map(|word| format!("w{} ", char::from(b'a' + (value_hash(&format!("{text}/{word}")) % 26) as u8)))
            .collect();
        for frame in sketch_text(&fill(&format!("{slot} {}", "abcdefghij".repeat(1 + text % 3)))).frames() {
            *holders.entry(*frame).or_default() += 1;
        }
    }
    // A frame that is kept by two texts of an account in five marks the account; one kept by nearly all, the family.
    let held_by = |least: u32| holders.values().filter(|texts| **texts >= least).count();
    assert!(held_by(32) >= 1 && held_by(8) >= 2, "{} and {} frames", held_by(32), held_by(8));
}

#[test]
fn case_digits_and_long_tokens_do_not_tell_texts_apart() {
    let a = sketch_text("Order 12345 failed at step 7 with a very odd error");
    let b = sketch_text("order x99 FAILED at step 4711 with a very odd error");
    assert_eq!(a.frames(), b.frames());
    assert_eq!(a.features, b.features);
    assert_ne!(a.hash, b.hash);
}

#[test]
fn texts_without_words_have_no_frames() {
    for text in ["", "   ", "?!", "hi", "one two"] {
        assert!(sketch_text(text).frames().is_empty(), "{text}");
    }
    assert_eq!(sketch_text("").features, [0; DIMENSIONS]);
    assert_eq!(sketch_text("one two three").frames().len(), 1);
    assert!(sketch_text("请你一步一步地推理并给出答案").frames().len() > 3);
}

#[test]
fn distance_of_a_stream_from_itself_is_near_zero_and_from_another_is_not() {
    let stream = |topic: &str, from: u32| {
        let mut embedding = Embedding::default();
        for i in from..from + 200 {
            embedding
                .add(&sketch_text(&format!("please tell me about {topic} number {} in plain words", i % 13)).features);
        }
        embedding
    };
    let (a, b, c) = (stream("garden birds", 0), stream("garden birds", 7), stream("compiler passes", 0));
    assert!(a.squared_distance(&b.mean()) < 0.01);
    assert!(a.squared_distance(&c.mean()) > 0.1);
}

#[test]
fn quantiles_are_within_a_factor_of_two() {
    let mut histogram = Histogram::default();
    (1..=1000).for_each(|value| histogram.add(value));
    for (q, truth) in [(0.1, 100), (0.5, 500), (0.99, 990)] {
        let found = histogram.quantile(q).unwrap();
        assert!(found <= truth && truth < 2 * found.max(1), "{q}: {found}");
    }
    assert_eq!(Histogram::default().quantile(0.5), None);
}

#[test]
fn a_sample_with_an_impossible_threshold_is_no_sample() {
    for threshold in [0, i64::MAX as u64, u64::MAX] {
        let mut out = Writer::new();
        out.unsigned(1);
        out.fixed(threshold);
        assert!(Sample::<K>::decode(&mut Reader::new(&out.into_bytes())).is_err(), "{threshold}");
    }
}

#[test]
fn word_vectors_see_that_two_words_mean_the_same() {
    let table = "4 4\nbig 1 0 0 0\nlarge 0.98 0.1 0 0\ncat 0 1 0 0.2\ntree 0 0 1 0\n";
    let vectors = WordVectors::read(table.as_bytes()).unwrap();
    let embed = |text: &str| vectors.embed(text, &sketch_text(text).features);
    let dot = |a: [i8; DIMENSIONS], b: [i8; DIMENSIONS]| {
        a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(b)).sum::<i32>()
    };
    let near = dot(embed("a BIG one"), embed("large"));
    let far = dot(embed("a big one"), embed("tree"));
    assert!(near > 12_000 && far < near / 2, "{near} {far}");
    assert_eq!(embed("words it does not know"), [0; DIMENSIONS]);
    assert_eq!(vectors.name(), WordVectors::read(table.as_bytes()).unwrap().name());
    for (bad, said) in
        [("", "empty"), ("cat 1 x\n", "line 1"), ("cat 1 2\ndog 1\n", "line 2"), ("cat 1 2\ndog 1 2 3\n", "line 2")]
    {
        let error = WordVectors::read(bad.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

proptest! {
    /// Spans, as counts, do not depend on the order or the grouping of what was added.
    #[test]
    fn samples_of_spans_merge_in_any_order(seen in proptest::collection::vec((1_u64..40, 0_i64..1_000), 0..120), cut in 0_usize..120) {
        let fold = |seen: &[(u64, i64)]| {
            let mut sample = Sample::<8, Span>::default();
            seen.iter().for_each(|(value, at_us)| sample.add(mix(*value), Span::once(*at_us)));
            sample
        };
        let whole = fold(&seen);
        let (one, other) = seen.split_at(cut.min(seen.len()));
        let mut merged = fold(other);
        merged.merge(&fold(one));
        let bytes = |sample: &Sample<8, Span>| {
            let mut out = Writer::new();
            sample.encode(&mut out);
            out.into_bytes()
        };
        prop_assert_eq!(bytes(&whole), bytes(&merged));
        let read = Sample::<8, Span>::decode(&mut Reader::new(&bytes(&whole))).unwrap();
        prop_assert_eq!(read, whole);
    }
}

#[test]
fn what_was_taken_over_is_a_quote_and_a_habit_of_speech_is_not() {
    let mut words = (0_u64..).map(|at| {
        let hash = mix(at);
        (0..5).map(|place| char::from(b'a' + (hash >> (8 * place) & 15) as u8)).collect::<String>()
    });
    let mut text = |count: usize| words.by_ref().take(count).collect::<Vec<_>>().join(" ");
    let (answer, before, after, habit) = (text(90), text(30), text(20), text(20));
    let quotes = |text: &str| sketch_text(text).quotes().to_vec();
    let shares = |a: &str, b: &str| quotes(a).iter().filter(|quote| quotes(b).contains(quote)).count();
    assert!(shares(&answer, &format!("{before} {answer} {after}")) >= 3);
    assert_eq!(shares(&format!("{before} {habit} {after}"), &format!("{habit} {answer}")), 0);
    // Typographic marks part words as plain ones do.
    let marked = answer.split(' ').collect::<Vec<_>>().join("\u{2014}\u{201c}");
    assert_eq!(quotes(&marked), quotes(&answer));
    // Characters that are words of their own say less each.
    let wide = |from: u32, count: u32| (from..from + count).filter_map(char::from_u32).collect::<String>();
    let (a, b) = (wide(0x4e00, 120), wide(0x5e00, 60));
    assert!(shares(&a, &format!("{b}{a}")) >= 2);
    assert_eq!(shares(&format!("{b}{}", wide(0x4e00, 40)), &format!("{a}{}", wide(0x4e00, 40))), 0);
}

#[test]
fn a_paraphrase_keeps_phrases() {
    let phrases = |text: &str| sketch_text(text).phrases().to_vec();
    let one = phrases("Explain the careful reasoning, then finish with the program");
    let other = phrases("The program to finish with; before that, reasoning (careful) explained");
    assert!(one.iter().filter(|phrase| other.contains(phrase)).count() >= 2);
}

/// A text of words that look like words.
fn prose(seed: u64, count: u64) -> Vec<String> {
    let word = |at| {
        let hash = mix(seed << 32 | at);
        (0..3 + hash % 6).map(|place| char::from(b'a' + (hash >> (4 * place) & 15) as u8)).collect()
    };
    (0..count).map(word).collect()
}

proptest! {
    /// What a reader does not see changes neither frames, nor phrases, nor quotes.
    #[test]
    fn a_text_that_looks_the_same_is_sketched_the_same(seed in 0_u64..1_000, hidden in "[\u{200b}\u{200d}\u{2060}\u{ad}\u{301}]{1,3}") {
        let words = prose(seed, 120);
        let plain = words.join(" ");
        let hide = |word: &String| word.chars().map(String::from).collect::<Vec<_>>().join(&hidden);
        let unseen = words.iter().map(hide).collect::<Vec<_>>().join("  ");
        let alike = plain.replace('a', "\u{430}").replace('e', "\u{435}").replace('o', "\u{43e}").to_uppercase();
        let own = sketch_text(&plain);
        for altered in [unseen, alike] {
            let other = sketch_text(&altered);
            prop_assert_eq!(other.frames(), own.frames());
            prop_assert_eq!(other.phrases(), own.phrases());
            prop_assert_eq!(other.quotes(), own.quotes());
        }
    }

    /// Numbers and short words between the others take no quote away.
    #[test]
    fn numbers_between_the_words_change_no_quote(seed in 0_u64..1_000, every in 1_usize..20) {
        let words = prose(seed, 120);
        let put_in = |(at, word): (usize, &String)| if at % every == 0 { format!("{at} so {word}") } else { word.clone() };
        let altered = words.iter().enumerate().map(put_in).collect::<Vec<_>>().join(" ");
        let (altered, own) = (sketch_text(&altered), sketch_text(&words.join(" ")));
        prop_assert_eq!(altered.quotes(), own.quotes());
    }

    /// A conversation begins the same however its words are set, and otherwise with another word.
    #[test]
    fn a_beginning_is_told_by_its_words(seed in 0_u64..1_000) {
        let key = HashKey::from_secret(&[5; SECRET_BYTES]);
        let (asked, told) = (prose(seed, 12), prose(seed + 5_000, 40));
        let of = |asked: &str, told: &str| {
            let mut opening = Opening::new(&key);
            assert_eq!(opening.add(asked, false), None);
            opening.add(told, true)
        };
        let own = of(&asked.join(" "), &told.join(" "));
        prop_assert!(own.is_some());
        prop_assert_eq!(of(&asked.join("  "), &told.join(" \u{2014} 7 ").to_uppercase()), own);
        prop_assert_ne!(of(&asked.join(" "), &format!("{} another", told.join(" "))), own);
    }
}
