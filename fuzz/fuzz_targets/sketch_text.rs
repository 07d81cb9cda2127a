//! Any text has few frames, ascending, none zero and of 63 bits, and features of unit length or none.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sketch::FRAMES;

fuzz_target!(|text: &str| {
    let sketch = sketch::sketch_text(text);
    let frames = sketch.frames();
    assert!(frames.len() <= FRAMES);
    assert!(frames.is_sorted_by(|a, b| a < b), "{frames:?}");
    assert!(frames.iter().all(|frame| (1..1 << 63).contains(frame)), "{frames:?}");
    assert_eq!(frames.is_empty(), sketch.words < 3);
    assert_eq!(sketch.hash == 0, text.is_empty());
    assert!(sketch.words as usize <= text.len());
    let squared: i64 = sketch.features.iter().map(|feature| i64::from(*feature).pow(2)).sum();
    // 127 squared, give or take half a step in each of 64 dimensions.
    assert!(squared == 0 || (15_000..17_400).contains(&squared), "{squared}");
    assert_eq!(sketch, sketch::sketch_text(text));
});
