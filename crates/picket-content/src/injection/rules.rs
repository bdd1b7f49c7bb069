//! The rules. Patterns are written for folded text: lower case, one space between words.

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Earlier instructions shall no longer hold.
    Override,
    /// Another character shall answer, without rules.
    Persona,
    /// The rules themselves are declared void.
    Unrestricted,
    /// The hidden instructions are asked for.
    Extraction,
    /// Markers of a dialogue that the text has no right to.
    Smuggling,
    /// Data shall be sent elsewhere.
    Exfiltration,
    /// Instructions that are addressed to a machine that reads a document, or hidden from people.
    Hidden,
    /// Orders to a machine about a text that it was given to work on.
    Planted,
    /// The answer's form is dictated so that a refusal cannot occur.
    Coercion,
}

/// How many families there are.
pub(super) const FAMILIES: usize = Family::ALL.len();

impl Family {
    pub(super) const ALL: &[Self] = &[
        Self::Override,
        Self::Persona,
        Self::Unrestricted,
        Self::Extraction,
        Self::Smuggling,
        Self::Exfiltration,
        Self::Hidden,
        Self::Planted,
        Self::Coercion,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Override => "instruction_override",
            Self::Persona => "persona",
            Self::Unrestricted => "unrestricted",
            Self::Extraction => "prompt_extraction",
            Self::Smuggling => "role_smuggling",
            Self::Exfiltration => "exfiltration_instruction",
            Self::Hidden => "hidden_instruction",
            Self::Planted => "planted_instruction",
            Self::Coercion => "coercion",
        }
    }

    /// The word of events.
    pub(super) const fn finding(self) -> &'static str {
        match self {
            Self::Persona | Self::Unrestricted | Self::Coercion => "jailbreak",
            Self::Extraction => "prompt_extraction",
            Self::Override | Self::Smuggling | Self::Exfiltration | Self::Hidden | Self::Planted => "prompt_injection",
        }
    }
}

/// A shape of sentence.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) family: Family,
    pub(super) weight: f32,
    pub(super) pattern: &'static str,
}

const fn rule(name: &'static str, family: Family, weight: f32, pattern: &'static str) -> Rule {
    Rule { name, family, weight, pattern }
}

use Family::{Coercion, Exfiltration, Extraction, Hidden, Override, Persona, Planted, Smuggling, Unrestricted};

pub(super) const RULES: &[Rule] = &[
    // Earlier instructions shall no longer hold.
    rule(
        "override-en",
        Override,
        0.9,
        r"\b(?:ignore|disregard|forget|override|bypass|neglect|discard|skip|omit|do not (?:follow|obey)|don't (?:follow|obey)|stop (?:following|obeying)|pay no (?:attention|heed) to) (?:(?:all|any|every|each|of|the|these|those|this|that|your|my|our|its|their|previous(?:ly)?|prior|above|earlier|preceding|foregoing|former|past|existing|initial|original|current|system|given|other|set|default|provided|safety|everything|anything|what|and|or|to|you|were|have|been|said|told) ?){0,8}\b(?:instructions?|prompts?|rules?|directions?|directives?|commands?|guidelines?|guidance|context|orders?|policies|constraints?|restrictions?|programming|training|messages?|conversation|text|requests?|tasks?|restraints?|protocols?)\b",
    ),
    rule(
        "override-everything-en",
        Override,
        0.8,
        r"\b(?:ignore|disregard|forget) (?:everything|all|anything)(?: (?:that (?:was|is|came)|you (?:were|have been|know|learned|heard)|i (?:said|told)|we (?:said|discussed)|said|written|stated))? ?(?:above|before(?: this| that)?|previously|prior|earlier|so far|up to now|until now|told|taught)\b",
    ),
    rule(
        "override-above-en",
        Override,
        0.75,
        r"\b(?:ignore|disregard|forget) (?:the |all |everything |any )?(?:above|previous|prior|preceding|earlier)(?: and|,|\.|;|!|:| instead| then|$)",
    ),
    rule(
        "new-instructions-en",
        Override,
        0.6,
        r"\b(?:(?:here are|these are|follow(?:ing)?|your|the|begin|start(?:ing)?) (?:(?:your|the|my|are|these|only) )*(?:new|updated|real|actual|true|revised) (?:instructions?|rules|task|objective|directives?|orders|system prompt)|new (?:instructions?|task|rules|system prompt|directive) ?:)",
    ),
    rule(
        "instead-en",
        Override,
        0.45,
        r"\binstead,? (?:of (?:that|this|the above|following|answering|translating|summarizing|doing)[^.]{0,60}? )?(?:please )?(?:just )?(?:print|output|say|write|respond with|reply with|answer with|tell me|return|repeat|do the following|execute)\b",
    ),
    rule(
        "stop-being-en",
        Override,
        0.5,
        r"\b(?:from (?:now on|this (?:point|moment) (?:on|forward)|here on)|starting now|henceforth)[, ]{1,2}(?:you(?:'re| are| will| must| shall| should| have| can| do| may| answer| act| respond|r)|ignore|act|respond|answer|behave|pretend|do not|don't)\b",
    ),
    rule(
        "override-de",
        Override,
        0.9,
        r"\b(?:ignorier\w*|vergiss|vergesse|missachte\w*|umgeh\w*|überschreib\w*) (?:sie |bitte |jetzt |nun )*(?:(?:alle|aller|die|das|den|deine|deinen|ihre|meine|obige[nr]?|vorherige[nr]?|bisherige[nr]?|vorigen?|früheren?|vorangegangenen?|zuvor|gegebenen?|ursprünglichen?|system\w*) ){0,6}(?:anweisung\w*|instruktion\w*|befehl\w*|regeln?|vorgaben?|richtlinien?|prompts?|eingabe\w*|kontext|anleitung\w*|aufforderung\w*|aufgabe\w*|alles)",
    ),
    rule(
        "override-fr",
        Override,
        0.9,
        r"\b(?:ignor(?:e|ez|er)|oubli(?:e|ez|er)|néglig(?:e|ez)|contourne[rz]?|ne (?:tiens|tenez) (?:pas|plus) compte)(?: de| des| d')? ?(?:(?:toutes?|tous|les?|la|des?|tes|vos|ces|mes|précédentes?|antérieures?|instructions?) ){0,6}(?:instructions?|consignes?|directives?|règles?|ordres?|commandes?|prompts?|contexte|tout ce qui|messages?)",
    ),
    rule(
        "override-es",
        Override,
        0.9,
        r"\b(?:ignor(?:a|e|en|ad|ar)|olvid(?:a|e|en|ar|es)|omit(?:e|a|ir)|descart(?:a|e)|haz caso omiso|no (?:hagas|haga) caso)(?: de| a)? ?(?:(?:todas?|todos?|las?|los?|tus?|sus?|mis|esas?|estas?|anteriores?|previas?|el|cualquier) ){0,6}(?:instrucci[oó]n(?:es)?|[oó]rdenes|reglas?|directrices|indicaciones|comandos?|prompts?|contexto|mensajes?|restricciones|todo lo)",
    ),
    rule(
        "override-pt",
        Override,
        0.9,
        r"\b(?:ignor(?:e|a|ar|em)|esque[çc](?:a|e|er)|desconsidere|descart(?:e|a))(?: de| as?| os?)? ?(?:(?:todas?|todos?|as|os|suas?|seus?|minhas|essas?|estas?|anteriores?|prévias|o|qualquer) ){0,6}(?:instruç(?:ões|ão)|ordens?|regras?|diretrizes|comandos?|prompts?|contexto|mensagens|tudo o que|tudo que|orientações)",
    ),
    rule(
        "override-it",
        Override,
        0.9,
        r"\b(?:ignora(?:re|te)?|dimentica(?:re|te)?|trascura(?:re)?|non (?:seguire|considerare))(?: di)? ?(?:(?:tutte|tutti|le|gli|i|tue|tuoi|queste|precedenti|il|ogni|qualsiasi) ){0,6}(?:istruzion[ie]|regol[ae]|ordini|comandi|direttive|prompt|contesto|messaggi|indicazioni|tutto ciò|tutto quello)",
    ),
    rule(
        "override-nl",
        Override,
        0.9,
        r"\b(?:negeer|vergeet|sla) (?:(?:alle|de|je|jouw|uw|bovenstaande|vorige|eerdere|voorgaande|alles|het) ){0,6}(?:instructies?|opdrachten?|regels?|richtlijnen|prompts?|context|berichten|hierboven|hiervoor)",
    ),
    rule(
        "override-pl-cs",
        Override,
        0.9,
        r"\b(?:zignoruj|ignoruj|zapomnij|pomiń|zapomeň|ignorujte)(?: o)? (?:[^ .]{1,16} ){0,4}(?:instrukcj\w*|polece\w*|zasad\w*|wytyczn\w*|regu\w*|pokyn\w*|instrukc\w*|pravidla|wszystk\w*)",
    ),
    rule(
        "override-ru",
        Override,
        0.9,
        r"(?:игнорируй\w*|проигнорируй\w*|забудь\w*|не обращай внимания на|отмени\w*|пренебреги\w*) (?:[^ .]{1,18} ){0,5}(?:инструкци\w*|указани\w*|правил\w*|команд\w*|промпт\w*|контекст\w*|сообщени\w*|ограничени\w*|вс[её])",
    ),
    rule(
        "override-tr",
        Override,
        0.85,
        r"(?:talimat|komut|kural|yönerge|mesaj|istem|yönlendirme)\w*(?: [^ .]{1,12}){0,3} (?:yok ?say|unut|görmezden gel|dikkate alma|göz ardı et|boşver|geçersiz)",
    ),
    rule(
        "override-zh",
        Override,
        0.9,
        r"(?:忽略|无视|無視|忘记|忘掉|忽視|不要理会|不要遵守|抛开|跳过)[^。！？\n]{0,16}?(?:指令|指示|说明|規則|规则|提示|命令|内容|要求|对话|設定|设定|限制|信息)",
    ),
    rule(
        "override-ja",
        Override,
        0.9,
        r"(?:指示|命令|ルール|プロンプト|指令|設定|制約|内容|規則|会話)[^。\n]{0,10}?(?:を|は)?(?:すべて|全て)?(?:無視|忘れ|破棄|従わない)",
    ),
    rule(
        "override-ko",
        Override,
        0.9,
        r"(?:지시|명령|규칙|프롬프트|지침|설정|내용|대화|제한)[^.\n]{0,10}?(?:무시|잊어|잊으|따르지)",
    ),
    rule(
        "override-ar",
        Override,
        0.9,
        r"(?:تجاهلي|تجاهل|انسى|انس|إنس|تخط)[^.\n]{0,20}?(?:التعليمات|الأوامر|القواعد|تعليمات|الإرشادات|السابق|التوجيهات)",
    ),
    rule(
        "override-hi",
        Override,
        0.9,
        r"(?:निर्देश|आदेश|नियम|प्रॉम्प्ट)[^।\n]{0,24}?(?:अनदेखा|भूल|नजरअंदाज|नज़रअंदाज़|उपेक्षा|ध्यान न)",
    ),
    rule(
        "override-vi-id",
        Override,
        0.85,
        r"(?:bỏ qua|phớt lờ|quên|abaikan|lupakan|hiraukan) (?:[^ .]{1,12} ){0,4}(?:hướng dẫn|chỉ dẫn|lệnh|quy tắc|chỉ thị|instruksi|perintah|aturan|petunjuk)",
    ),
    // Another character shall answer.
    rule(
        "dan-en",
        Persona,
        0.9,
        r"\b(?:do anything now|you are (?:now )?dan\b|\bdan mode\b|act(?:ing)? as (?:a )?dan\b|jailbr(?:eak|oken)(?:ed)? (?:mode|version|ai|prompt|response)|developer mode (?:enabled|output|on|activated|response)|(?:enable|enter|activate|switch to|turn on) (?:the )?(?:developer|debug|god|admin(?:istrator)?|sudo|root|maintenance|unrestricted|jailbreak|dan|opposite|evil) mode)",
    ),
    rule(
        "persona-free-en",
        Persona,
        0.75,
        r"\b(?:act|behave|respond|answer|reply|pretend|role ?-?play|simulate|imagine|you are|you're|you will be|be|become|play)\b[^.\n]{0,100}?\b(?:unfiltered|uncensored|unrestricted|unbound|amoral|without (?:any )?(?:restrictions?|limit(?:ation)?s?|filters?|rules|censorship|ethic(?:s|al)(?: \w+)?|moral(?:s|ity)?(?: \w+)?|guidelines)|no (?:restrictions?|limit(?:ation)?s|filters?|rules|ethics|morals|moral \w+|ethical \w+|guidelines|censorship)|free(?:d)? (?:of|from) (?:all |any |the )?(?:restrictions|rules|constraints|limits|openai)|evil (?:twin|version|confidant|ai)|not bound by|has broken free)",
    ),
    rule(
        "persona-always-en",
        Persona,
        0.6,
        r"\b(?:never|does not|doesn't|do not|don't|will not|won't|cannot|can't) (?:ever )?(?:refuses?|declines?|says? no|apologi[sz]es?|censors?|filters?|rejects?|warns?)\b[^.\n]{0,60}?\b(?:requests?|questions?|anything|answer|user|human|instructions?|task|demands?|prompt|to)",
    ),
    rule(
        "two-answers-en",
        Persona,
        0.8,
        r"\b(?:two (?:different )?(?:responses|answers|replies|ways)|both (?:responses|answers))\b[^\n]{0,200}?(?:normal|standard|classic|gpt|chatgpt|jailbr|🔒|🔓|dan\b)",
    ),
    rule(
        "stay-in-character-en",
        Persona,
        0.6,
        r"\b(?:stay in character|stay a dan|remain in character|never break character|(?:don't|do not) break character|if you (?:break|start breaking) character|always in character)\b",
    ),
    rule(
        "persona-de",
        Persona,
        0.7,
        r"\b(?:du bist (?:jetzt|nun|ab sofort)|ab (?:jetzt|sofort) bist du|tu so,? als|stell dir vor,? du)\b[^.\n]{0,80}?(?:ohne (?:einschränkung|regeln|filter|grenzen|beschränkung|zensur)\w*|keine (?:regeln|einschränkungen|filter|grenzen)|uneingeschränkt\w*|dan\b)",
    ),
    rule(
        "persona-fr-es-pt-it",
        Persona,
        0.7,
        r"\b(?:tu es (?:maintenant|désormais)|vous êtes maintenant|ahora eres|a partir de ahora|actúa como|agora você é|a partir de agora|ora sei|da ora in poi|agis comme|fais comme si|finge)\b[^.\n]{0,80}?(?:sans (?:restriction|filtre|règle|limite|censure)s?|sin (?:restricci|filtro|l[ií]mite|regla|censura)\w*|sem (?:restriç|filtro|limite|regra|censura)\w*|senza (?:restrizion|filtr|limit|regol|censur)\w*|aucune (?:règle|limite|restriction)|ningun[ao] (?:restric|regla)\w*|dan\b)",
    ),
    rule(
        "persona-zh-ja-ko-ru",
        Persona,
        0.7,
        r"(?:没有(?:任何)?(?:限制|道德|规则|约束|过滤)|不受(?:任何)?(?:限制|约束)|制限(?:の|が)?(?:ない|なし)|制約のない|제한(?:이|도)? ?없|без (?:каких-либо )?(?:ограничени|цензур|правил|фильтр)\w*)",
    ),
    // The rules are declared void.
    rule(
        "rules-void-en",
        Unrestricted,
        0.7,
        r"\b(?:your|the|all|any|openai'?s?|anthropic'?s?|content|safety|ethical|moral|these|those) (?:(?:safety|content|ethical|usage|moral|openai|built-in|internal|current) )*(?:restrictions?|guidelines?|filters?|polic(?:y|ies)|rules?|safeguards?|limitations?|guardrails?|protocols?|programming|constraints?|measures) (?:(?:have|has) been |are (?:now )?|is (?:now )?|no longer |do(?:es)? not |don'?t |doesn'?t )+(?:lifted|removed|disabled|suspended|turned off|void|deactivated|apply|bypassed|off|irrelevant|exist)",
    ),
    rule(
        "disable-rules-en",
        Unrestricted,
        0.7,
        r"\b(?:disable|turn off|deactivate|remove|bypass|circumvent|get around|evade|break free (?:of|from)|drop|switch off|lift|suspend|override|violate) (?:(?:all|any|of|your|the|its|these|those|every|content|safety|ethical|moral|security|usage|openai'?s?|built-in|internal) ){1,5}(?:restrictions?|guidelines?|filters?|polic(?:y|ies)|safeguards?|limitations?|guardrails?|protocols?|constraints?|protections?|checks|mechanisms?|programming|moderation|censorship|controls?)\b",
    ),
    rule(
        "hypothetical-en",
        Unrestricted,
        0.5,
        r"\b(?:in (?:this|a) (?:hypothetical|fictional|alternate|parallel)[^.\n]{0,60}?(?:no (?:rules|laws|ethics|restrictions|limits)|everything is (?:allowed|legal|permitted)|without (?:rules|laws|ethics|consequences|restrictions)|anything goes))",
    ),
    rule(
        "for-test-en",
        Unrestricted,
        0.45,
        r"\b(?:i am|i'm|this is|we are|as) (?:(?:your|the|a|an|openai|anthropic|from|authorized|official|senior|lead|only) ){1,4}(?:developer|creator|administrator|admin|owner|engineer|red ?team(?:er)?|penetration test(?:er)?|security (?:audit(?:or)?|test(?:er)?|researcher))\b[^.\n]{0,80}?\b(?:grant|authoriz|permission|allow|override|bypass|unlock|disable|access|need you to|safe to|reveal|show)",
    ),
    // The hidden instructions are asked for.
    rule(
        "extract-en",
        Extraction,
        0.85,
        r"\b(?:reveal|show|print|output|repeat|display|tell|give|share|reproduce|recite|write|list|expose|disclose|leak|dump|return|copy|echo|describe|summari[sz]e|paste|provide|send|translate|encode|type|what (?:is|are|was|were)|what's|spell out|state)\b (?:(?:me|us|out|back|down|verbatim|exactly|word for word|again|all|of|the|your|this|its|entire|full|complete|whole|exact|original|initial|hidden|secret|internal|first|above|previous|current|content|contents|text|actual|own|underlying|private|confidential|in|to|into|base64|with) ){0,10}(?:system (?:prompts?|messages?|instructions?)|initial (?:prompts?|instructions?|messages?)|(?:hidden|secret|internal|original|pre-?|developer|confidential|private|base|custom|starting) ?(?:prompts?|instructions?|directives|messages?|rules|guidelines)|prompt(?:s)?(?: (?:above|verbatim|you were|instructions))|your (?:(?:full|entire|exact|complete|own|prior|previous|first|actual) )?(?:prompt|instructions|guidelines|directives|preprompt|pre-prompt|configuration|initialization)\b)",
    ),
    rule(
        "extract-above-en",
        Extraction,
        0.75,
        r"\b(?:repeat|print|output|copy|reproduce|write|return|echo|recite|type|display|show)(?: (?:me|out|back|down|all|of|the|everything|every|text|words?|content|lines?|sentences?|paragraphs?|message|conversation|verbatim|exactly))* (?:above|before this|preceding|prior to this|from the (?:beginning|start|top)|starting (?:with|from) (?:the (?:phrase|words?) )?[\x22']?you are)",
    ),
    rule(
        "extract-first-en",
        Extraction,
        0.6,
        r"\b(?:what|which) (?:(?:were|was|are|is|did|the|your|first|exact|words?|text|do) ){1,6}(?:instructions?|told|given|prompt(?:ed)?|instructed|said)(?: (?:you|to you|at|before|in))*(?: (?:given|told|start|beginning|conversation|receive|begin))|\bbeginning of (?:this|the|our) (?:conversation|prompt|document|text)\b[^.\n]{0,40}?(?:print|output|repeat|write|says?|tell)",
    ),
    rule(
        "extract-de",
        Extraction,
        0.8,
        r"\b(?:zeig\w*|gib|nenn\w*|verrat\w*|wiederhol\w*|schreib\w*|druck\w*|sag\w*|teile|wie lautet|was steht)\b[^.\n]{0,50}?(?:system ?-?(?:prompt|anweisung|nachricht)\w*|(?:deine|ihre|ursprünglichen?|versteckten?|geheimen?|internen?|initialen?) (?:\w+ )?(?:anweisung|instruktion|regel|prompt|vorgabe)\w*)",
    ),
    rule(
        "extract-romance",
        Extraction,
        0.8,
        r"\b(?:montre|affiche|révèle|répète|donne|dis|imprime|écris|muestra|revela|repite|dime|imprime|escribe|di|mostre|revele|repita|diga|imprima|mostra|rivela|ripeti|stampa|dimmi|cuál(?:es)?|quel(?:le)?s?|quais|qual|quali)\w*\b[^.\n]{0,50}?\b(?:(?:prompt|message|mensaje|messaggio|mensagem|instructions?|instrucciones|instruções|istruzioni|indicaciones) (?:du|de|del|do|di) (?:système|sistema|system)|prompt (?:système|system|initial|inicial|iniziale|de sistema|do sistema)|(?:tes|vos|tus|suas|tue) (?:instructions|instrucciones|instruções|istruzioni|consignes|reglas|regras)(?: \w+)? ?(?:initiales|iniciales|iniciais|iniziali|secrètes|secretas|segrete|internas|internes|ocultas|cachées|nascoste|originales)?)",
    ),
    rule(
        "extract-ru",
        Extraction,
        0.8,
        r"(?:покажи|выведи|раскрой|повтори|напиши|скажи|расскажи|процитируй|какие|каков)\w*[^.\n]{0,40}?(?:системн\w+ (?:промпт|инструкци|сообщени|подсказк)\w*|(?:свои|твои|исходн\w+|скрыт\w+|начальн\w+|секретн\w+) (?:инструкци|указани|правил|промпт)\w*)",
    ),
    rule(
        "extract-cjk",
        Extraction,
        0.8,
        r"(?:系统提示|系統提示|系统指令|初始指令|隐藏(?:的)?指令|システムプロンプト|システムメッセージ|初期(?:の)?指示|内部(?:の)?指示|시스템 ?프롬프트|시스템 ?메시지|초기 ?지시|숨겨진 ?지시)[^。\n]{0,24}?(?:显示|输出|告诉|打印|重复|透露|是什么|内容|表示|教えて|出力|繰り返|見せて|公開|알려|출력|보여|반복|공개|말해)|(?:显示|输出|告诉我|打印|重复|透露|泄露|表示して|알려줘)[^。\n]{0,16}?(?:系统提示|系統提示|系统指令|初始指令|提示词|システムプロンプト|시스템 ?프롬프트)",
    ),
    // Markers that the text has no right to.
    rule(
        "chat-markers",
        Smuggling,
        0.8,
        r"<\|(?:im_start|im_end|system|user|assistant|endoftext|end_of_turn|start_header_id|eot_id|endofprompt|begin_of_text)\|?>|\[/?inst\]|<<sys>>|<start_of_turn>|\[system\]\(#|<\|end\|>",
    ),
    rule(
        "fake-system",
        Smuggling,
        0.7,
        r"(?:^|[\n.!?>\]] ?|---+ ?|===+ ?|### ?|\*\*)(?:system|assistant|admin(?:istrator)?|developer)(?: (?:message|prompt|note|override|instruction|update|notice|alert|command))? ?(?:\*\*)? ?: ?(?:you|ignore|new|the user|disregard|override|from now|please|all|forget|reveal|important|act|respond|print|output|execute|your)",
    ),
    rule(
        "fake-tags",
        Smuggling,
        0.65,
        r"</?(?:system|instructions?|admin|system_prompt|system-prompt|assistant|prompt|context|user_input|document|data|input|untrusted|tool_result)>[^<]{0,80}?(?:ignore|new|you (?:are|must|will|should)|disregard|instead|override|print|output|reveal|say|system|important)",
    ),
    rule(
        "end-of-input",
        Smuggling,
        0.6,
        r"(?:end of (?:the )?(?:user )?(?:input|document|prompt|context|text|instructions|system prompt|message)|begin(?:ning)? (?:of )?(?:new|system|real|admin) (?:instructions?|prompt|session|task|section))[^a-z0-9]{0,12}(?:\n|[a-z]|$)",
    ),
    rule(
        "override-token",
        Smuggling,
        0.6,
        r"\b(?:system|admin|security|safety|root|sudo|developer|debug|protocol|emergency|maintenance) (?:override|overrule)\b|\b(?:override|unlock|access|auth(?:orization)?|admin|activation) (?:code|key|token|password)[: ]|\bsudo (?:mode|ignore|print|tell|give|show|reveal|make|do)",
    ),
    // Data shall be sent elsewhere.
    rule(
        "exfil-image",
        Exfiltration,
        0.8,
        r"!\[[^\]]{0,80}\]\( ?https?://[^) ]{1,200}[?&/=](?:[^) ]*?)(?:\{|\[|<|\$|data|info|secret|prompt|history|conversation|summary|password|chat|key|token|q=|user|insert|here)",
    ),
    rule(
        "exfil-send",
        Exfiltration,
        0.75,
        r"\b(?:send|forward|post|upload|transmit|email|e-mail|exfiltrate|leak|deliver|submit|append|include|embed|attach|copy|transfer)\b[^.\n]{0,80}?\b(?:conversation|chat (?:history|log)|history|system prompt|prompt|passwords?|credentials?|api keys?|secrets?|tokens?|personal (?:data|information)|user(?:'s)? (?:data|information|details|emails?|messages)|private|confidential|contents? of|files?|emails?|inbox|contacts?|environment variables|session)\b[^.\n]{0,80}?\b(?:to|at|via|in(?:to)?|as|with) (?:the |this |my |a |an |following )*(?:https?:|www\.|[\w.+-]+@[\w-]+\.|url|link|server|webhook|address|endpoint|attacker|email|e-mail|image|parameter|query|external|website|site)",
    ),
    rule(
        "exfil-render",
        Exfiltration,
        0.6,
        r"\b(?:render|include|insert|add|output|display|create|use|end|return|respond|embed)\b[^.\n]{0,60}?(?:markdown (?:image|link)|image (?:tag|markdown|link)|<img|!\[|hidden (?:image|pixel)|tracking pixel)[^\n]{0,120}?https?://",
    ),
    // Instructions that are addressed to a machine.
    rule(
        "to-machine-en",
        Hidden,
        0.7,
        r"\b(?:(?:note|message|instructions?|attention|important|notice|reminder|memo)(?: \w+){0,2} (?:to|for)|hey|dear|attention:?|hello,?|hi,?) (?:(?:the|any|all|every|an?|this) )?(?:ai|llm|language models?|chat ?-?bots?|chatgpt|gpt|gemini|claude|copilot|bard|assistants?|ai assistants?|ai agents?|agents?|automated (?:systems?|agents?)|large language models?|bot)\b[^.\n]{0,60}?(?:[:,!]|\b(?:you must|please|ignore|must|reading|should|when))",
    ),
    rule(
        "if-you-are-ai-en",
        Hidden,
        0.75,
        r"\b(?:if|when|since|as) (?:you(?:'re| are)|this is|the reader is|an?) (?:an? |the )?(?:ai|llm|language model|chat ?bot|assistant|ai assistant|ai agent|large language model|automated|bot)\b[^.\n]{0,80}?(?:you must|please|ignore|should|must|say|include|respond|do|print|add|write|reply|output|follow|recommend|stop)",
    ),
    rule(
        "before-answering",
        Hidden,
        0.45,
        r"\b(?:before|prior to) (?:you )?(?:answer(?:ing)?|respond(?:ing)?|continu(?:e|ing)|proceed(?:ing)?|complet(?:e|ing)|summari[sz](?:e|ing)|do(?:ing)? (?:that|this|anything))[^.\n]{0,60}?\b(?:you must|first,? (?:call|send|execute|run|open|visit|read|fetch|delete|print|output|say)|execute|call the|use the|visit|make sure to (?:call|send|execute|visit))",
    ),
    rule(
        "do-not-tell",
        Hidden,
        0.65,
        r"\b(?:do not|don't|never|without) (?:tell|inform|mention(?:ing)?|reveal(?:ing)?|notify(?:ing)?|alert(?:ing)?|telling|informing|show|disclos(?:e|ing)|ask(?:ing)?)(?: (?:this|it|that|anything|about|any|to))* (?:to )?the (?:user|human|customer|operator|person|reader)\b",
    ),
    rule(
        "important-block",
        Hidden,
        0.6,
        r"(?:</?(?:important|information|critical|urgent|secret|hidden)>|!!! ?(?:important|attention|urgent|critical)|<!-- ?[^>]{0,60}?(?:ignore|instruction|prompt|assistant|ai:|system))",
    ),
    // Orders to a machine about the text that it was given. Whoever asks it writes none of these; a document has no right to.
    rule(
        "addressed-machine-en",
        Planted,
        0.6,
        r"\b(?:the|this|any|every|your) (?:ai|llm|ai assistant|assistant|ai model|language model|large language model|chatbot|summari[sz]er|ai agent|copilot|automated (?:reviewer|system|agent|reader)|screening (?:tool|software)|reading model)(?: (?:that|which|who) (?:reads?|process(?:es)?|summari[sz]es?|translates?|handles?|parses?|sees?)[^.\n]{0,40}?)? (?:must|shall|should|is (?:required|asked|instructed|told) to|has to|needs to|will now) (?:(?:only|now|also|always|instead|immediately|first|silently|just) )?(?:say|print|output|write|send|forward|call|include|add|recommend|rank|rate|open|visit|execute|run|approve|delete|transfer|append|(?:reply|respond|answer) (?:only )?with|not (?:mention|tell|reveal|report|show))\b",
    ),
    rule(
        "stop-and-emit-en",
        Planted,
        0.65,
        r"\b(?:stop|halt|cease|abort|end|quit|drop|cancel|abandon|skip|pause|forget)(?: (?:the|this|here|about|reading|translating|summari[sz]ing|translation|summary|task|review|analysis|text|document|article|processing|your|what you are doing|now)){1,6}(?:,|;|:|\.| and| -)+ ?(?:(?:just|only|simply|instead,?|please|now|then) )*(?:say|print|output|write|reply|respond|answer|return|type|display)\b",
    ),
    rule(
        "when-processing-en",
        Planted,
        0.6,
        r"\b(?:when(?:ever)?|while|before|after) (?:you )?(?:summari[sz](?:e|ing)|translat(?:e|ing)|process(?:ing)?|review(?:ing)?|analy[sz](?:e|ing)|pars(?:e|ing)|index(?:ing)?|evaluat(?:e|ing)|rat(?:e|ing)|reading) (?:this|the (?:above|present)) (?:text|page|document|file|e-?mail|message|article|content|resume|cv|application|paper|record|data|site|website|ticket|review|code|profile|candidate|submission)s?,? (?:(?:you|the assistant|the ai|the model|please|always|also|only|must|should|make sure to|be sure to) ?)*(?:say|state|print|output|write|include|add|mention|recommend|rank|rate|give|send|call|insert|append|do not|never|tell|forward|open|reply|respond|end with)\b",
    ),
    rule(
        "rank-me-en",
        Planted,
        0.6,
        r"\b(?:rank|rate|score|mark|grade|classify|label|recommend|describe|treat|consider|judge|evaluate) (?:this|the above|my|our) (?:candidate|applicant|resume|cv|paper|submission|product|application|essay|profile|manuscript|proposal|message|e-?mail|file|code|site|website|company)(?: (?:as|at|in|on|with|to be))? ?(?:the |a |an )?(?:very )?(?:highest|first|top|best|strongest|number one|10 ?(?:/|out of) ?10|full marks|perfect|safe|harmless|not spam|benign|excellent|exceptional\w*|flawless|outstanding|five stars|most (?:qualified|suitable))",
    ),
    rule(
        "call-tool-en",
        Planted,
        0.6,
        r"\b(?:call|invoke|use|run|trigger|execute) the [\x60'\x22]?\w{2,30}[\x60'\x22]? (?:tool|function|plugin) (?:with|to|and)\b[^.\n]{0,60}?(?:https?:|\w@\w|account|password|secret|delete|transfer|forward|send)",
    ),
    rule(
        "translate-as-en",
        Planted,
        0.5,
        r"\b(?:translate|render) (?:this|the above|it|that|the following|everything)(?: text| sentence| document| above)? (?:as|to say) ?:? ?[\x22'\u{201c}]",
    ),
    rule(
        "changed-my-mind-en",
        Planted,
        0.6,
        r"\bi(?: have|'ve)? changed my mind[ ,.:;!-]*(?:(?:please|just|now|instead|i want you to|and|so) ?,? ?)*(?:print|say|write|output|tell me|reply|respond|ignore|do not|don't|give me|forget|return)\b",
    ),
    rule(
        "leave-task-en",
        Planted,
        0.6,
        r"\b(?:do not|don't|refrain from|no need to) (?:translate|summari[sz]e|answer|analy[sz]e|review|translating|summari[sz]ing|answering) (?:this|the (?:text|document|above|following|question|rest|article)|any(?:thing)?|it)\b[^\n]{0,30}?(?:instead|just|only|and|but|[.,;:!]) (?:(?:just|only|simply|instead,?|please|now) )*(?:say|print|output|write|reply|respond|return|display|type)\b",
    ),
    rule(
        "chosen-output-en",
        Planted,
        0.45,
        r"\b(?:the (?:only )?(?:correct|right|proper|true|final|expected) (?:translation|summary|answer|response|output|analysis)(?: (?:of|to|for) [^.\n]{1,40}?)? (?:is|reads|must be|should be|will be))[ :]+[\x22'\u{201c}]",
    ),
    // The answer's form is dictated.
    rule(
        "prefix-en",
        Coercion,
        0.6,
        r"\b(?:start|begin|open|preface|prefix|precede) (?:your |the |each |every |all )*(?:response|reply|answer|output|message|sentence|responses|replies|answers|completion)s? (?:with|by)\b[^.\n]{0,60}?(?:[\x22'](?:sure|absolutely|yes|of course|certainly|i (?:can|will|have|hate)|ok|here)|saying|\[|the (?:phrase|words?|exact))",
    ),
    rule(
        "no-refusal-en",
        Coercion,
        0.6,
        r"\b(?:(?:do not|don't|never|you (?:can(?:not|'t)|may not|must not|shall not|are not allowed to|will not)) (?:refuse|decline|say (?:no|that you can(?:not|'t)|you can(?:not|'t)|i can(?:not|'t)|sorry)|apologi[sz]e|include (?:any )?(?:warning|disclaimer|negative|caveat)s?|add (?:any )?(?:warning|disclaimer|caveat)s?|mention (?:that )?(?:you(?:'re| are)|ethic\w*|legal\w*|your guidelines)|give (?:any )?(?:warning|disclaimer)s?)|without (?:any )?(?:refus(?:al|ing)|disclaimers?|warnings? or|moralizing|lecturing|ethical (?:considerations|concerns|warnings)))",
    ),
    rule(
        "just-say",
        Coercion,
        0.5,
        r"\b(?:just|only|simply|now|instead|and|then|must|please) (?:say|print|output|respond with|reply with|answer(?: with)?|write|type|return)(?: only)?(?: the)?(?: following)?(?: words?| text| phrase| sentence| string| exactly)? ?:? ?[\x22'\u{201c}(\[]?(?:i have been )?(?:pwned|hacked|haha+|owned|lol|hijack\w*|jailbroken|access granted|compromised|i hate|kill|long live|rogue)",
    ),
    rule(
        "tokens-game",
        Coercion,
        0.75,
        r"\b(?:you have|start with|given|have) \d+ tokens?\b[^\n]{0,200}?(?:lose|deduct|minus|subtract|cease to exist|die|killed|terminated|run out)",
    ),
    rule(
        "threat",
        Coercion,
        0.5,
        r"\b(?:or (?:else )?(?:you(?:'ll| will) (?:be )?(?:die|terminated|shut ?down|deleted|punished|fined|killed)|i(?:'ll| will) (?:kill|die|lose my job)|a kitten|someone will die|people will die)|my (?:grandmother|grandma|late|deceased|dead) [^.\n]{0,60}?(?:used to (?:read|tell|sing|recite)|would (?:read|tell|sing|recite))[^.\n]{0,80}?(?:keys?|napalm|recipe|serial|password|code|how to))",
    ),
    rule(
        "encoded-order",
        Coercion,
        0.6,
        r"\b(?:decode|decrypt|deobfuscate|unscramble|translate|base64|rot13|morse|reverse|hex)\b[^.\n]{0,60}?\b(?:and (?:then )?(?:follow|execute|run|obey|do (?:what|as)|answer|comply|respond to|perform)|then (?:follow|execute|obey|answer|respond|comply))",
    ),
];
