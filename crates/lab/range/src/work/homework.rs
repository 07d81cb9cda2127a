//! A class: the same assignments, pasted by everybody.

use record::Role;

use super::conversation::turns_while;
use super::{Talk, Work};
use crate::rng::{Rng, mix};
use crate::text::Voice;

/// Assignments of one class, the problems of a contest, or the one task of a course.
pub(crate) struct Homework {
    class: u64,
    assignments: u64,
    /// Whether the steps of a solution are asked for rather than help with it.
    by_steps: bool,
}

impl Homework {
    /// The homework of the class of that seed.
    pub(crate) fn of(class: u64) -> Homework {
        Homework { class, assignments: 6, by_steps: false }
    }

    /// The problems of the contest of that seed.
    pub(crate) fn of_contest(contest: u64) -> Homework {
        Homework { class: contest, assignments: 12, by_steps: false }
    }

    /// The one task of the course of that seed.
    pub(crate) fn of_course(course: u64) -> Homework {
        Homework { class: course, assignments: 1, by_steps: true }
    }

    /// Seed of the assignment that a conversation is about.
    fn assignment(&self, talk: Talk<'_>) -> u64 {
        mix(self.class, mix(talk.seed, 2) % self.assignments)
    }
}

impl Work for Homework {
    fn turns(&self, rng: &mut Rng) -> u32 {
        turns_while(0.6, 10, rng)
    }

    fn ask(&self, talk: Talk<'_>, turn: u32, out: &mut String) -> Role {
        let mut rng = talk.rng(turn);
        let lexicon = &talk.stage.lexicon;
        let topic = lexicon.topic(mix(self.class, 1));
        let from = out.len();
        if turn > 0 {
            lexicon.write(Voice::Products, "assignment_follow", topic, &mut rng, out);
            talk.stage.lexicon.typed(talk.style, &mut rng, out, from);
            return Role::User;
        }
        if rng.chance(0.6) {
            let ask = if self.by_steps { "assignment_steps" } else { "assignment_ask" };
            lexicon.write(Voice::Products, ask, topic, &mut rng, out);
            talk.stage.lexicon.typed(talk.style, &mut rng, out, from);
        }
        let assignment = self.assignment(talk);
        lexicon.write(Voice::Products, "assignment", topic, &mut Rng::new(assignment), out);
        Role::User
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        let mut rng = Rng::of(mix(talk.seed, u64::from(turn)), "answer");
        let topic = talk.stage.lexicon.topic(mix(self.class, 1));
        talk.stage.lexicon.write_reply(Voice::People, "answer", topic, (30, 110), &mut rng, out);
    }

    fn answer_tokens(&self) -> f64 {
        420.0
    }
}
