//! The worlds that come with the program.

/// A world that comes with the program.
pub(super) struct Entry {
    /// Its name.
    pub(super) name: &'static str,
    /// The text of its file.
    pub(super) toml: &'static str,
}

macro_rules! entries {
    ($($name:literal: $about:literal),* $(,)?) => {
        /// All of them.
        pub(super) const ENTRIES: &[Entry] = &[
            $(Entry { name: $name, toml: include_str!(concat!("../../../../../worlds/", $name, ".toml")) }),*
        ];
        /// Their names and one line about each.
        pub(super) const ABOUT: &[(&str, &str)] = &[$(($name, $about)),*];
    };
}

entries! {
    "demo": "a quick look: about 1,200 customers, one own pool and one proxy pool",
    "standard": "seventeen honest kinds and seven campaigns: what a release is judged on",
    "t1": "own pools: one template, shared cards, little care",
    "t2": "proxy pools at four shares of cover traffic",
    "benign": "seventeen honest kinds and no campaign: whatever is found here is false",
    "hard-negatives": "a small one of each of seventeen honest kinds, for a quick check",
    "t3": "adversaries who adapt at four shares of cover traffic, 28 exchanges an account",
    "t4": "relayed sessions of real users: 12 % of them move between accounts",
    "evasions": "pools that are alike but for what they do so as not to be seen",
    "yardstick": "over 10,000 honest customers with every hard negative, T1 to T4, a ban, a shared pool, a framing",
    "frontier": "a small crowd and one campaign, to be varied with --set",
    "crowds": "honest groups of every kind and many sizes: what the built-in bank is made of",
    "circles": "honest groups without an open tie, and the largest: the second part of the built-in bank",
    "forms": "strangers who fill one form or paste the problems of one contest: the third part of the built-in bank",
    "voice-two": "standard in little, written by the second generator of texts",
    "live": "played live: a proxy pool of 1,000 accounts and a relay of 300 among 20,000 honest ones",
    "ten-million": "200,000 accounts and ten million exchanges: speed and memory",
    "record": "100 million exchanges of 1,000,000 accounts, 28.8 million of them by one T2 pool of 25,000",
}
