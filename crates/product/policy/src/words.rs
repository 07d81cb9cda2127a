//! Enumerations whose values have names in rules, in tests of rules and in results.

/// Declares an enumeration with a name for each value, in `snake_case`.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$value_doc])* #[serde(rename = $word)] $value,)+
        }

        impl $name {
            /// All values, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// The name in files.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word,)+ }
            }

            /// The value of a name.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$value),)+ _ => None }
            }
        }
    };
}

pub(crate) use words;

words! {
    /// What is done, the mildest first.
    Measure {
        /// Nothing.
        Allow = "allow",
        /// It is served, and looked at.
        Observe = "observe",
        /// It is served within a budget.
        Cap = "cap",
        /// It is served, and the answer reveals less.
        Limit = "limit",
        /// It is served once the account was verified further.
        Verify = "verify",
        /// It is not served.
        Deny = "deny",
    }
}

words! {
    /// What a rule is asked. Each question is answered by the rules of one Cedar action.
    Question {
        /// May this account be served at all?
        Serve = "serve",
        /// May it have what it asks for?
        Access = "access",
        /// What budgets does it draw on?
        Spend = "spend",
        /// What may the answer reveal?
        Reveal = "reveal",
    }
}

words! {
    /// Whether a rule acts.
    Mode {
        /// It is reported beside the decision and changes nothing.
        Shadow = "shadow",
        /// It acts.
        Live = "live",
    }
}

words! {
    /// How grave the breach of the clause is, the least first.
    Severity {
        /// A note.
        Low = "low",
        /// A breach that costs.
        Medium = "medium",
        /// A breach that harms.
        High = "high",
        /// A breach of law, or of what the provider cannot bear.
        Critical = "critical",
    }
}

words! {
    /// What a rule rests on.
    Basis {
        /// The terms. The rule ends when it expires.
        Contract = "contract",
        /// Law. The rule acts beyond its expiry, which is the day by which counsel looks at it again; it reads no verdict.
        Law = "law",
    }
}

words! {
    /// What an answer does not reveal.
    Information {
        /// No log probabilities and no logit bias.
        NoLogprobs = "no_logprobs",
        /// Numbers that measure the model are noised, under a privacy budget.
        NoisedNumbers = "noised_numbers",
        /// Reasoning is summarised.
        SummarisedReasoning = "summarised_reasoning",
    }
}

words! {
    /// What of an account was verified, the least first.
    Verification {
        /// Nothing.
        Nothing = "nothing",
        /// An e-mail address.
        Email = "email",
        /// A telephone number.
        Phone = "phone",
        /// A payment instrument.
        Payment = "payment",
        /// A person.
        Person = "person",
        /// A business, with who owns it.
        Business = "business",
    }
}

words! {
    /// What an account is.
    Kind {
        /// One person.
        Individual = "individual",
        /// A firm or an institution.
        Organisation = "organisation",
        /// A school or university, or somebody in one.
        Education = "education",
        /// Somebody who sells access on, under an agreement.
        Reseller = "reseller",
    }
}

words! {
    /// A programme that an account was admitted to.
    Programme {
        /// None.
        Nothing = "nothing",
        /// Research under an agreement.
        Research = "research",
        /// Evaluation of safety under an agreement.
        Evaluator = "evaluator",
    }
}

words! {
    /// How much an account used in the last day, against the thresholds in `settings.toml`.
    Volume {
        /// Below the first threshold.
        Low = "low",
        /// Between them.
        Medium = "medium",
        /// At the second threshold, or above.
        High = "high",
    }
}

words! {
    /// What is held of an account.
    Held {
        /// Nothing.
        Clear = "clear",
        /// It is in a lead, of which nothing is claimed.
        Lead = "lead",
        /// It is in a campaign without evidence of its own, or in one that is only suspected.
        Watch = "watch",
        /// It is in a discovered campaign, with evidence of its own.
        Implicated = "implicated",
    }
}

words! {
    /// The firmest tier of an account's campaigns.
    HeldTier {
        /// It is in none.
        Nothing = "nothing",
        /// A lead.
        Lead = "lead",
        /// A suspected campaign.
        Suspected = "suspected",
        /// A discovered campaign.
        Discovered = "discovered",
    }
}

words! {
    /// What a request asks for beyond text.
    Capability {
        /// The model's reasoning.
        Reasoning = "reasoning",
        /// Work with tools, in many turns.
        Agent = "agent",
        /// Log probabilities or logit bias.
        Logprobs = "logprobs",
        /// Many requests in one order.
        Batch = "batch",
        /// Training of a model of the account's own.
        Tuning = "tuning",
    }
}

words! {
    /// What the account says that it does with answers.
    Purpose {
        /// It does not say.
        Unsaid = "unsaid",
        /// It uses them itself.
        Own = "own",
        /// It sells access on.
        Resale = "resale",
        /// It trains a model on them.
        Training = "training",
        /// It measures models.
        Evaluation = "evaluation",
    }
}

words! {
    /// The way that a request comes.
    Channel {
        /// The provider's own.
        Direct = "direct",
        /// A partner's, such as a cloud's.
        Partner = "partner",
    }
}

words! {
    /// What is known of the place that a request comes from.
    Network {
        /// Nothing.
        Unknown = "unknown",
        /// It is not embargoed.
        Open = "open",
        /// It is on the list of embargoed places in `settings.toml`.
        Embargoed = "embargoed",
    }
}
