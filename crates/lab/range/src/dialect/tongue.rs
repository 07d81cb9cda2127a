//! Other languages of the second voice: words in their order, and no more.

use crate::rng::Rng;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// Spanish.
    Spanish,
    /// German.
    German,
    /// Chinese.
    Chinese,
}

struct Lists {
    who: &'static [&'static str],
    does: &'static [&'static str],
    what: &'static [&'static str],
    how: &'static [&'static str],
    asks: &'static [&'static str],
    gap: &'static str,
    end: &'static str,
}

const SPANISH: Lists = Lists {
    who: &[
        "mi vecina",
        "el fontanero",
        "nuestro equipo",
        "la profesora",
        "un cliente",
        "mi abuelo",
        "el gato",
        "la oficina",
    ],
    does: &[
        "quiere vender",
        "perdió",
        "ha cambiado",
        "no entiende",
        "necesita",
        "olvidó",
        "compara",
        "devuelve",
        "prepara",
    ],
    what: &[
        "el billete",
        "la tetera",
        "su guitarra",
        "el formulario",
        "una escalera",
        "los apuntes",
        "la cerradura",
        "el pastel",
        "un plano",
        "las llaves",
    ],
    how: &[
        "antes del viernes",
        "sin avisar",
        "en el balcón",
        "por segunda vez",
        "con prisa",
        "desde marzo",
        "cerca del puerto",
        "a oscuras",
    ],
    asks: &["es buena idea", "qué harías", "cuánto tarda eso", "tiene arreglo", "a quién pregunto", "hay otra manera"],
    gap: " ",
    end: "?",
};
const GERMAN: Lists = Lists {
    who: &[
        "meine Nachbarin",
        "der Klempner",
        "unser Verein",
        "die Lehrerin",
        "ein Kunde",
        "mein Opa",
        "die Katze",
        "das Amt",
    ],
    does: &["verkauft", "verliert", "tauscht", "versteht", "braucht", "vergisst", "vergleicht", "bringt", "plant"],
    what: &[
        "den Fahrschein",
        "den Kessel",
        "die Geige",
        "das Formular",
        "eine Leiter",
        "die Notizen",
        "das Schloss",
        "den Kuchen",
        "einen Plan",
        "die Schlüssel",
    ],
    how: &[
        "vor Freitag",
        "ohne Bescheid",
        "auf dem Balkon",
        "zum zweiten Mal",
        "in Eile",
        "seit März",
        "am Hafen",
        "im Dunkeln",
    ],
    asks: &[
        "ist das klug",
        "was würdest du tun",
        "wie lange dauert das",
        "lässt sich das richten",
        "wen frage ich",
        "geht es anders",
    ],
    gap: " ",
    end: "?",
};
const CHINESE: Lists = Lists {
    who: &["邻居", "修理工", "我们组", "老师", "客户", "爷爷", "小猫", "公司"],
    does: &["想卖掉", "弄丢了", "换了", "看不懂", "需要", "忘了", "对比", "退回", "准备"],
    what: &["车票", "水壶", "小提琴", "表格", "梯子", "笔记", "门锁", "蛋糕", "图纸", "钥匙"],
    how: &["周五之前", "没有通知", "在阳台上", "第二次", "很着急", "从三月起", "在码头附近", "天黑以后"],
    asks: &["这样好吗", "你会怎么做", "要多久", "还能修吗", "该问谁", "有别的办法吗"],
    gap: ",",
    end: "?",
};

/// Writes a few clauses and a question.
pub(crate) fn write_tongue(tongue: Tongue, rng: &mut Rng, out: &mut String) {
    let lists = match tongue {
        Tongue::Spanish => &SPANISH,
        Tongue::German => &GERMAN,
        Tongue::Chinese => &CHINESE,
    };
    let close = if tongue == Tongue::Chinese { "" } else { " " };
    for _ in 0..rng.between(2, 4) {
        out.push_str(rng.word_of(lists.who));
        out.push_str(close);
        out.push_str(rng.word_of(lists.does));
        out.push_str(close);
        out.push_str(&rng.between(2, 800).to_string());
        out.push_str(close);
        out.push_str(rng.word_of(lists.what));
        out.push_str(close);
        out.push_str(rng.word_of(lists.how));
        out.push_str(lists.gap);
    }
    out.push_str(rng.word_of(lists.asks));
    out.push_str(lists.end);
}
