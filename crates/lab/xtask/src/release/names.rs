//! What all that is handed out is called, and what the program is built with.

/// Features of the program that is handed out.
pub const FEATURES: &str = "cluster,postgres,envoy,redis";

/// What all that is handed out is called.
pub struct Names {
    /// Version of the program.
    pub version: &'static str,
    /// The processor, as the archive names it.
    pub arch: &'static str,
    /// When the last commit was made, in seconds since 1970.
    pub epoch_s: u64,
}

impl Names {
    /// Name of the archive without its ending, and of the folder in it.
    pub fn stem(&self) -> String {
        format!("stillwatch-{}-{}-linux", self.version, self.arch)
    }
}
