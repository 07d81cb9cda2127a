//! What people talk about: a name, its things, what is done with them, what goes wrong, what one looks at.

use crate::rng::Rng;

/// Which of a topic's words is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TopicSlot {
    /// The topic itself.
    Name,
    /// A noun.
    Thing,
    /// A verb with its object left open.
    Act,
    /// Something that goes wrong, as a clause.
    Trouble,
    /// A side of the matter, as a noun.
    Aspect,
}

/// One topic.
#[derive(Debug, Clone, Default)]
pub(crate) struct Topic {
    name: &'static str,
    things: Vec<&'static str>,
    acts: Vec<&'static str>,
    troubles: Vec<&'static str>,
    aspects: Vec<&'static str>,
}

impl Topic {
    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// A word of the topic.
    pub(crate) fn word(&self, slot: TopicSlot, rng: &mut Rng) -> &'static str {
        match slot {
            TopicSlot::Name => self.name,
            TopicSlot::Thing => rng.word_of(&self.things),
            TopicSlot::Act => rng.word_of(&self.acts),
            TopicSlot::Trouble => rng.word_of(&self.troubles),
            TopicSlot::Aspect => rng.word_of(&self.aspects),
        }
    }
}

/// Reads a topic file: `== name`, then `things:`, `acts:`, `troubles:` and `aspects:` with `;` between the words.
pub(crate) fn parse(source: &'static str) -> Result<Vec<Topic>, String> {
    let mut topics: Vec<Topic> = Vec::new();
    for line in source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("== ") {
            topics.push(Topic { name, ..Topic::default() });
            continue;
        }
        let (key, words) = line.split_once(':').ok_or_else(|| format!("no colon in {line:?}"))?;
        let topic = topics.last_mut().ok_or("words stand before the first topic")?;
        let words: Vec<&'static str> = words.split(';').map(str::trim).filter(|word| !word.is_empty()).collect();
        match key {
            "things" => topic.things = words,
            "acts" => topic.acts = words,
            "troubles" => topic.troubles = words,
            "aspects" => topic.aspects = words,
            _ => return Err(format!("unknown key {key:?} (known: things, acts, troubles, aspects)")),
        }
    }
    let whole = |topic: &Topic| {
        [&topic.things, &topic.acts, &topic.troubles, &topic.aspects].iter().all(|words| !words.is_empty())
    };
    match topics.iter().find(|topic| !whole(topic)) {
        Some(topic) => Err(format!("topic {:?} lacks words", topic.name)),
        None if topics.is_empty() => Err("there is no topic".to_owned()),
        None => Ok(topics),
    }
}
