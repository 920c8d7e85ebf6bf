"""The words with which people ask, in the languages they ask in: pieces of patterns."""

SPACE = r"[\s,:;.!>→➡👉👇🚀🙏🔥–—-]*"
VERB = (
    r"(?:(?:launch|lanch|lauch|luanch|deploy|create|mint|make|coin|tokeni[sz]e|issue|start|ship|drop"
    r"|lan[zcç]a(?:r|me)?|crea(?:r|me)?|cri(?:e|ar|a)|lancer?|cr[ée]e[rz]?|starte[nt]?|erstelle[nt]?"
    r"|запусти(?:те|ть)?|создай(?:те)?|выпусти|oluştur|başlat|çıkar|buat|luncurkan|lancia|crea)\b"
    r"|发行|发布|创建|発行|作成|작성|발행(?:해\s?줘)?|출시(?:해\s?줘)?|만들어(?:\s?줘)?)"
)
LEAD = (
    rf"\A{SPACE}(?:(?:@\w+|please|pls|plz|hey|yo|gm|gn|hi|ok(?:ay)?|can you|could you|would you"
    r"|kindly|now|just|go(?:\s+ahead(?:\s+and)?)?|lfg|let'?s(?:\s(?:go with|do|make it|call it|go|use))?|let us"
    r"|new (?:coin|token)|i(?:'?d| would) like(?: to)?|i want(?: to)?|i wanna|we(?:'?d like| want)(?: to)?|time to"
    r"|here we go|do it|send it|por favor|bitte|s'il te pla[iî]t|пожалуйста|lütfen)"
    rf"\b{SPACE})*"
)
OBJECT = (
    r"(?:\s*(?:\b(?:this|that|it|him|her|them|me|us|a|an|the|my|our|new|as|into|idea|tweet|post"
    r"|thread|project|coin|token|memecoin|meme|for|with|ticker|symbol|please|un|una|uma?|une|ein(?:en)?"
    r"|el|la|le|der|die|den|moneda|moeda|jeton|münze|токен|монету)\b))*"
)
TICKER_LABEL = (
    r"(?:(?:(?:(?:token|coin)\s+)?(?:ticker|symbol)|tiker|tick|sym|símbolos?|simbolo|symbole|kürzel"
    r"|sembol|kod|тикер|символ)(?![^\W\d_])"
    r"|ティッカー|シンボル|代码|代碼|代號|티커|심볼|simbol)"
)
NAME_LABEL = (
    r"(?:(?:(?:token|coin|project)\s+)?name|nombre|nome|nom|nama|adı|ad|isim|имя|название"
    r"|名前|名称|名稱|名字|이름)"
)
CALLED = (
    r"(?:(?:it'?s\s+|is\s+)?(?:called|named)|(?:and\s+)?(?:call|name)\s+it|(?:(?:with|con|com|mit|avec|dengan)\s+)?(?:(?:the|el|o|le|dem)\s+)?(?:name|nombre|nome|nom|namen|nama)\b(?:\s+is\b|\s*[:=-])?|aka|stands\s+for"
    r"|llamad[oa]|chamad[oa]|appelée?|nommée?|namens|genannt|под\s+названием|adlı)"
)
NO_NAMES = frozenset(
    """coin for idea into it post project the this thread token tweet with ticker symbol my our
    un una um uma une ein moneda moeda""".split()  # noqa: SIM905 - A list of words is clearest as a text.
)
"""What stands between a verb and a ticker without being a name."""
