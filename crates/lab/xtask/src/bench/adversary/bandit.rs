//! Which of several plans to try next, when what a plan brings is known only from trials that vary.

/// What trials of one arm gave.
#[derive(Debug, Clone, Copy, Default)]
pub struct Arm {
    /// How often it was tried.
    pub trials: u32,
    /// The sum of what it gave, each between 0 and 1.
    pub sum: f64,
}

impl Arm {
    /// What it gives on average; nothing where it was never tried.
    pub fn mean(&self) -> f64 {
        if self.trials == 0 { 0.0 } else { self.sum / f64::from(self.trials) }
    }
}

/// Arms, and what trials of them gave.
///
/// The next arm is the one with the largest `mean + sqrt(2 ln t / n)` after `t` trials, `n` of them of it (UCB1: Auer, Cesa-Bianchi
/// and Fischer, Machine Learning 47, 2002). It assumes rewards between 0 and 1 that do not depend on earlier choices: each trial
/// is a world of its own seed.
#[derive(Debug, Default)]
pub struct Bandit {
    arms: Vec<Arm>,
}

impl Bandit {
    /// With so many arms, none of which was tried.
    pub fn new(arms: usize) -> Self {
        Self { arms: vec![Arm::default(); arms] }
    }

    /// Adds arms that were not tried.
    pub fn extend(&mut self, arms: usize) {
        self.arms.resize(self.arms.len() + arms, Arm::default());
    }

    /// The arms, in the order in which they were added.
    pub fn arms(&self) -> &[Arm] {
        &self.arms
    }

    /// The arm to try next: the first that was never tried, where there is one. `None` without arms.
    pub fn next(&self) -> Option<usize> {
        let all: u32 = self.arms.iter().map(|arm| arm.trials).sum();
        let promise = |arm: &Arm| match arm.trials {
            0 => f64::INFINITY,
            trials => arm.mean() + (2.0 * f64::from(all).ln() / f64::from(trials)).sqrt(),
        };
        let best = |best: Option<(usize, f64)>, (at, arm): (usize, &Arm)| match best {
            Some((_, most)) if most >= promise(arm) => best,
            _ => Some((at, promise(arm))),
        };
        self.arms.iter().enumerate().fold(None, best).map(|(at, _)| at)
    }

    /// Writes down what a trial gave.
    pub fn learn(&mut self, at: usize, reward: f64) {
        if let Some(arm) = self.arms.get_mut(at) {
            arm.trials += 1;
            arm.sum += reward.clamp(0.0, 1.0);
        }
    }

    /// The arm that gives most on average, of those that were tried; the first of equal ones.
    pub fn best(&self) -> Option<usize> {
        let tried = self.arms.iter().enumerate().filter(|(_, arm)| arm.trials > 0);
        let better = |best: Option<(usize, f64)>, (at, arm): (usize, &Arm)| match best {
            Some((_, most)) if most >= arm.mean() => best,
            _ => Some((at, arm.mean())),
        };
        tried.fold(None, better).map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What arms give: each 1 with its own probability, drawn by a small generator.
    fn play(chances: &[f64], trials: u32) -> Bandit {
        let mut bandit = Bandit::new(chances.len());
        let mut state = 7_u64;
        for _ in 0..trials {
            let at = bandit.next().unwrap_or_default();
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let drawn = (state >> 11) as f64 / (1_u64 << 53) as f64;
            bandit.learn(at, if drawn < chances.get(at).copied().unwrap_or(0.0) { 1.0 } else { 0.0 });
        }
        bandit
    }

    #[test]
    fn the_best_arm_is_found_and_tried_most() {
        let bandit = play(&[0.1, 0.3, 0.8, 0.4], 400);
        assert_eq!(bandit.best(), Some(2));
        let trials = |at: usize| bandit.arms().get(at).map_or(0, |arm| arm.trials);
        assert!(trials(2) > 250, "{:?}", bandit.arms());
        assert!((0..4).all(|at| trials(at) > 0), "each is tried once");
    }

    #[test]
    fn arms_that_come_later_are_tried_before_the_others_again() {
        let mut bandit = play(&[0.9, 0.1], 10);
        bandit.extend(1);
        assert_eq!(bandit.next(), Some(2));
        bandit.learn(2, 7.0);
        assert_eq!(bandit.arms().get(2).map(Arm::mean), Some(1.0), "a reward is at most one");
        assert_eq!(Bandit::new(0).next(), None);
        assert_eq!(Bandit::new(3).best(), None);
    }
}
