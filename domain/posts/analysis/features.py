"""What a text claims of a project: flags with the words that say so. Evidence, not truth."""

from domain.posts.analysis.spans import Found, lower
from domain.posts.lexicon import Lexicon

_NUMBER = r"\d[\d.,]{0,15}\s?(?:k|m|mm|million|thousand)?\+?"
_PEOPLE = (
    r"(?:\w+\s){0,2}?(?:users?|players?|people|customers|teams|members|installs|downloads|families"
    r"|households|subscribers|students|developers|devs|merchants|shops|stores|searches|signups"
    r"|grads|labs|clinicians|diabetics|schools|campuses|artists|bands|creators|drivers|cards online"
    r"|stories|matched|boats|chapters|cities|animals|bottles|pairs|loans|homes|paying|daily|weekly"
    r"|mrr|arr|tvl|dau|mau|views|orders|sales|wallets|nodes|papers|rows|farms|clinics|countries)\b"
)
_PATTERNS: dict[str, tuple[str, ...]] = {
    "product_live": (
        r"(?:is|are|it'?s|now|went|we'?re|just went)\s+live\b", r"live (?:in|on|at|now)\b",
        r"(?:in|out of) (?:beta|prod(?:uction)?)\b", r"on the beta\b", r"open beta\b",
        r"(?:already|currently) (?:used|running|live|switched|work)\w*",
        r"(?:just )?(?:shipped|launched|released)\b", r"try it\b", r"testflight\b",
        r"steam page\b", r"free tier\b", r"so far\b", r"(?:demo|app|site) is (?:up|out|live)\b",
        r"now works?\b", r"(?:available|out) (?:now|today)\b", r"is now available\b",
        r"been (?:running|my)\b", r"used it\b", r"season \d+ is\b", r"last (?:month|year)\b",
    ),
    "traction": (
        rf"{_NUMBER}\s{_PEOPLE}", rf"(?:tvl|mrr|arr)\s(?:of\s|is\s|hit\s)?\$?{_NUMBER}",
        rf"(?:made|earned|revenue of|did)\s\$?{_NUMBER}(?:\s?(?:last|this|a|per) )",
        rf"\$?{_NUMBER}\s?(?:in revenue|last month|a month|paid out|raised|installed|processed)",
        r"\d+% (?:finish|retention|week over week|mom)\b", r"(?:first )?\d+ (?:customers|orders)\b",
    ),
    "mobile_app": (
        r"(?:ios|android|iphone|ipad)\b", r"app ?store\b", r"google play\b", r"play store\b",
        r"testflight\b", r"(?:mobile|phone) app\b", r"(?:on|from|with|by) your phone\b",
        r"phone camera\b", r"point (?:your )?camera\b", r"apk\b", r"(?:that'?s|it'?s) the app\b",
        r"on device\b", r"(?:swift|kotlin)\b",
    ),
    "website": (
        r"https?://(?!t\.co/|(?:www\.)?(?:x|twitter|github|t)\.(?:com|me)/)\S+",
        r"(?<!@)(?:[a-z0-9-]{1,40}\.){1,6}(?:com|app|xyz|io|dev|org|fun|ai|so|gg|net|finance|fi|co|site)\b",
    ),
    "open_source": (
        r"open[ -]?sourc\w+", r"github\.com/\S+", r"gitlab\.com/\S+", r"(?:mit|apache|gpl) licen[sc]ed?",
        r"open (?:dataset|data|licen[sc]e|code)\b", r"cc0\b", r"cc-by\b", r"repo here\b",
        r"código abierto\b", r"quelloffen\b",
    ),
    "token_utility": (
        r"holders? (?:vote|get|earn|can|decide|receive|unlock)\b", r"(?:governance|utility) token\b",
        r"stake (?:\$\w+|the token|it|to)\b", r"token[- ]gated\b", r"revenue shar\w+",
        r"(?:fees|revenue|profits?) (?:go|goes|shared|paid|distributed) to (?:the )?holders\b",
        r"(?:discounts?|access|perks) for holders\b", r"pay (?:with|in) \$\w+",
    ),
    "buyback_burn": (r"buy ?-?backs?\b", r"buys? back\b", r"burn(?:s|ed|ing|t)?\b"),
    "waitlist": (
        r"wait ?-?list\b", r"early access\b", r"sign ?ups? open\b", r"pre-?register\w*",
        r"join the list\b", r"invite[- ]only\b",
    ),
    "roadmap": (
        r"(?<!no )road ?map\b", r"q[1-4]\b(?=\W)", r"coming soon\b", (r"(?:next|ships?|opens?) (?:in|on )?"
        r"(?:month|week|quarter|monday|tuesday|wednesday|thursday|friday|january|february|march"
        r"|april|may|june|july|august|september|october|november|december)\b"), r"phase \d\b",
    ),
    "audit": (r"(?<!un)audit(?:ed|s)? (?:by|twice|passed|done)\b", r"audited\b"),
    "no_utility": (
        r"no (?:road ?map|utility|use case)\b", r"do not ask what it does\b", r"it does nothing\b",
        r"just (?:a )?(?:meme|vibes|a joke)\b", r"zero utility\b", r"useless\b",
    ),
}  # fmt: skip


_LEXICON = Lexicon(_PATTERNS)


def features(text: str) -> tuple[Found, ...]:
    """Return the first place of each feature in *text*, in the order of places."""
    found: dict[str, Found] = {}
    for name, match in _LEXICON.matches(lower(text)):
        if name not in found:
            found[name] = Found(name, *match.span())
    return tuple(found.values())
