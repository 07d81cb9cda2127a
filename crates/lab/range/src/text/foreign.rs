//! Short questions in other languages, for people who do not write English.

use crate::rng::Rng;

/// The language someone writes in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
pub(crate) enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// German.
    #[serde(rename = "de")]
    German,
    /// Chinese.
    #[serde(rename = "zh")]
    Chinese,
}

struct Words {
    starts: &'static [&'static str],
    things: &'static [&'static str],
    links: &'static [&'static str],
    troubles: &'static [&'static str],
    ends: &'static [&'static str],
    gap: &'static str,
}

const SPANISH: Words = Words {
    starts: &[
        "cómo puedo arreglar",
        "qué opinas de",
        "explícame",
        "necesito ideas para",
        "escribe una nota sobre",
        "cuánto cuesta",
        "dónde encuentro",
        "ayúdame a comparar",
        "por qué falla",
        "resume en breve",
    ],
    things: &[
        "la bicicleta",
        "un contrato de alquiler",
        "el examen de física",
        "la receta de lentejas",
        "mi currículum",
        "una hoja de cálculo",
        "el jardín",
        "la caldera",
        "un poema corto",
        "el viaje en tren",
        "la factura",
        "mi perro",
        "una presentación",
        "el grifo",
        "la cámara vieja",
        "un programa en java",
    ],
    links: &["y también", "sin olvidar", "junto con", "en lugar de", "comparado con", "antes que"],
    troubles: &[
        "no responde nadie",
        "se rompió ayer",
        "sale muy caro",
        "vivo en un pueblo",
        "tengo poco tiempo",
        "mi hermana no está de acuerdo",
        "la fecha es el lunes",
        "llueve toda la semana",
    ],
    ends: &["gracias", "sé breve", "con ejemplos", "en tres puntos", "sin tecnicismos", "por favor"],
    gap: " ",
};

const GERMAN: Words = Words {
    starts: &[
        "wie repariere ich",
        "was hältst du von",
        "erkläre mir",
        "ich brauche ideen für",
        "schreib einen text über",
        "was kostet",
        "wo finde ich",
        "vergleiche bitte",
        "warum klemmt",
        "fasse kurz zusammen:",
    ],
    things: &[
        "das fahrrad",
        "den mietvertrag",
        "die physikprüfung",
        "das linsenrezept",
        "meinen lebenslauf",
        "eine tabelle",
        "den garten",
        "die heizung",
        "ein kurzes gedicht",
        "die zugreise",
        "die rechnung",
        "meinen hund",
        "einen vortrag",
        "den wasserhahn",
        "die alte kamera",
        "ein programm in java",
    ],
    links: &["und auch", "zusammen mit", "statt", "verglichen mit", "noch vor", "ohne"],
    troubles: &[
        "niemand antwortet",
        "seit gestern kaputt",
        "das ist zu teuer",
        "ich wohne auf dem land",
        "die zeit ist knapp",
        "meine schwester sieht das anders",
        "der termin ist montag",
        "es regnet die ganze woche",
    ],
    ends: &["danke", "bitte kurz", "mit beispielen", "in drei punkten", "ohne fachwörter", "wenn es geht"],
    gap: " ",
};

const CHINESE: Words = Words {
    starts: &[
        "怎么修理",
        "你觉得",
        "请解释",
        "帮我写一篇关于",
        "比较一下",
        "哪里可以找到",
        "为什么",
        "简单总结",
        "我想了解",
        "给我几个建议,关于",
    ],
    things: &[
        "自行车",
        "租房合同",
        "物理考试",
        "扁豆汤",
        "我的简历",
        "电子表格",
        "小花园",
        "暖气",
        "一首短诗",
        "火车旅行",
        "发票",
        "我家的狗",
        "演讲稿",
        "水龙头",
        "旧相机",
        "一个小程序",
    ],
    links: &["还有", "以及", "而不是", "相比", "先于", "加上"],
    troubles: &[
        "没有人回复",
        "昨天坏了",
        "价格太高",
        "我住在乡下",
        "时间不多",
        "姐姐不同意",
        "下周一截止",
        "一直在下雨",
    ],
    ends: &["谢谢", "请简短", "举个例子", "分三点", "不要术语", "越快越好"],
    gap: ",",
};

/// Writes a question in that language; English is not written here.
pub(crate) fn write_foreign(language: Language, rng: &mut Rng, out: &mut String) {
    let words = match language {
        Language::English => return,
        Language::Spanish => &SPANISH,
        Language::German => &GERMAN,
        Language::Chinese => &CHINESE,
    };
    for round in 0..rng.between(1, 3) {
        if round > 0 {
            out.push_str(words.gap);
        }
        out.push_str(rng.word_of(words.starts));
        out.push_str(if words.gap == " " { " " } else { "" });
        out.push_str(rng.word_of(words.things));
        out.push_str(words.gap);
        out.push_str(rng.word_of(words.links));
        out.push_str(words.gap);
        out.push_str(rng.word_of(words.things));
        out.push_str(words.gap);
        out.push_str(&rng.between(2, 990).to_string());
        out.push_str(words.gap);
        out.push_str(rng.word_of(words.troubles));
    }
    out.push_str(words.gap);
    out.push_str(rng.word_of(words.ends));
}
