"""Words that speak for a class of projects: the evidence beside the model, and the baseline."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from domain.posts.lexicon import Lexicon

_WORDS: Mapping[str, str] = {
    "ai": r"""ai|a\.i\.|gpt\w*|llms?|agents?|agentic|copilot|chat ?bots?|neural|machine learning
        |deep learning|artificial intelligence|language models?|\d+b model|prompts?|robots?
        |robotics|inference|generative ai|text.to.image|mcp|rag
        |inteligencia artificial|ia|ki|yapay zeka|künstliche intelligenz
        |intelig[eê]ncia artificial|intelligence artificielle|нейросет\w*|ии|trained a
        |machine vision|voice model|assistants?""",
    "defi": r"""defi|swaps?|dex(?:es|s)?|amms?|perps?|perpetuals?|lend(?:ing|ers?)?|borrow(?:ing|ers?)?
        |yields?|vaults?|liquidity|stak(?:ing|e|ed)|leverage|options|futures|collateral|apy|lsts?
        |lps?|impermanent loss|delta neutral|prediction markets?|limit orders?|tvl|margin
        |trading|traders?|derivatives|stablecoin protocol|money market|hedg(?:e|ing)|exchange
        |préstamos?|empréstimos?|kredit\w*|prêts?|заём|refinance|funding rate|liquidations?
        |buyback|basis|loans?""",
    "gaming": r"""games?|gaming|gamers?|gamefi|players?|playable|rpg|mmo\w*|roguelike|platformer
        |deckbuilder|auto ?battler|chess|poker|casino|arcade|esports?|guilds?|pvp|speedrun\w*
        |quests?|metaverse|play.to.earn|p2e|steam page|lan part(?:y|ies)|kart|simulator|lottery
        |boss|loot|card game|dungeon|shooters?
        |juegos?|jogos?|spiele?|jeux?|oyun\w*|игр[аы]\w*|lan|virtual pet|tamagotchi
        |leaderboards?|ranked|matchmaking|patch notes""",
    "meme": r"""memes?|memecoins?|lm+f?ao+|lol|wojak|pepe|doge|shitcoin|frog|goose|honk|degens?
        |no utility|no roadmap|just vibes|inu|pup|meow|rizz
        |shitpost\w*|vibes|based|gm|chonk\w*|smol|bonk""",
    "social": r"""social|friends?|dating|chats?|group chats?|messag(?:e|es|ing|er)|feeds?|followers?
        |follow|farcaster|lens|socialfi|voice notes?|strangers?|penpal|neighbou?rs?|profiles?
        |warpcast|frames?|identity|network of people|meet people|audio rooms?
        |amigos?|redes? social\w*|freunde?|amis|друзь\w*|arkadaş\w*|citas|community app
        |hang ?outs?|roommates?""",
    "infra": r"""apis?|sdks?|rpcs?|webhooks?|index(?:er|ing)|nodes?|validators?|devs?|developers?
        |dev tools?|bridges?|cross.?chain|interoperability|wallets?|passkeys?|oracles?|zk|zero.knowledge
        |hosting|cloud|compute|gpus?|storage|smart contracts?|infrastructure|rollups?|layer.?[123]|l2
        |account abstraction|analytics|explorers?|audits?|security|protocol logs|libraries|open source
        |multi.?sig|depin|self.custod\w+|logs|deploy(?:ment)?|5g|hotspot|sensors?|data
        |desarrollador\w*|entwickler\w*|développeurs?|git|uptime|latency|snapshots?|static site
        |weather stations?|mapa|en(?:crypted|cryption)""",
    "payments": r"""pay|payments?|paid by|payroll|remit\w*|invoices?|invoicing|checkout|merchants?|cards?
        |debit|visa|tips?|tipped|on.?ramps?|off.?ramps?|fiat|send money|usdc|stablecoins?|bills?
        |subscriptions?|settle|salar(?:y|ies)|mpesa|bank(?:ing)?|neobank|qr
        |pagos?|pagas|pagamentos?|bezahl\w*|zahlung\w*|paiements?|оплат\w*|ödeme\w*|remesas?
        |paywall|escrow pay""",
    "health": r"""health\w*|fitness|sleep|gym|workouts?|therap(?:y|ist|ists)|mental|calories|glucose
        |diabet\w+|physio\w*|pills?|doctors?|hospital|medical|patients?|vap(?:e|ing)|smoking|period
        |wellness|wearables?|protein and|steps|diet|nutrition|clinic\w*|sauna\w*|cold plunge
        |salud|saúde|gesundheit|santé|здоров\w*|sağlık|dyslexi\w*|headaches?
        |hydration|allerg\w*|fasting""",
    "creator": r"""creators?|artists?|art|music\w*|songs?|bands?|film\w*|movies?|cinema|comics?|podcasts?
        |zines?|videos?|royalt(?:y|ies)|streamers?|nfts?|mint(?:ing)?|collectibles?|collections?|editors?
        |djs?|albums?|writers?|authors?|photograph\w+|publish\w*|content|fans?|audience|generative
        |música|musik|musique|музык\w*|müzik|artistas?|künstler\w*|cine|cinéma|kunst
        |newsletters?|standup|comedians?|mixtape|captions|filmmakers?
        |illustrat\w*""",
    "community": r"""communit(?:y|ies)|daos?|neighbou?rhood|mutual aid|shelters?|volunteers?|treasury
        |co.?ops?|governance|donat\w+|charit\w+|public goods|members|clubs?|network state|cleanup
        |animals?|together|crowd\w*|nounish|nouns|local|wheelchair|grants
        |comunidad|comunidade|gemeinschaft|communauté|сообществ\w*|barrio|bairro|quartier
        |vecinos|приют\w*|coral|reef|library|rescue""",
    "rwa": r"""rwas?|real.world assets?|real estate|tokeni[sz]ed?|fraction\w*|farmland|treasur(?:ies|y bills)
        |t.?bills?|casks?|vault stored|watch(?:es)?|carbon|solar|deeds?|spv|escrow|gold|houses?|homes
        |square meter|invoices from|physical assets?|parking
        |inmobiliari\w*|imóve\w*|immobilien|immobilier|недвижим\w*|emlak|flipp(?:ing|er\w*)
        |vineyards?|barrels?""",
    "desci": r"""desci|scien(?:ce|tific|tists?)|research\w*|labs?|wet lab|trials?|genom\w+|protein|crispr
        |peer review|papers?|dataset|telescopes?|sequencing|longevity|telomere|aging|drugs?|disease
        |grad students|biotech|phage|psilocybin|experiment\w*|preregistered
        |ciencia|ciência|wissenschaft\w*|recherche|наук\w*|bilim\w*|microb\w*|vaccines?
        |preprints?|endometriosis|asteroids?|clinical trials?""",
    "commerce": r"""shop\w*|stores?|sell(?:ing|ers?)?|buyers?|marketplaces?|e.?commerce|retail|sneakers?|drops
        |brands?|coffee|tea|sauce|snacks?|food|restaurants?|delivery|courier|second hand|thrift|rent
        |furniture|fashion|clothes|wardrobe|hotel\w*|bottles?|products|merch|orders|returns|bakery|bike
        |tiendas?|puestos|mercad\w*|lojas?|laden|liefer\w*|metzger|boutiques?|магазин\w*|mağaza
        |bistro|beekeepers?|honey|syrup|candles?|soap|bakers?|growers|customers
        |kitchen""",
    "education": r"""learn\w*|teach\w*|students?|courses?|schools?|tutor\w*|lessons?|academy|bootcamp|class(?:es)?
        |flashcards?|exams?|sat prep|curriculum|homeschool|educat\w*|universit(?:y|ies)|mentor\w*|kids?
        |language by|phonics|college|degree|practice
        |aprend\w*|aulas?|lernen|schule\w*|schüler|écoles?|cours|apprendre|учи\w*|школ\w*|eğitim
        |öğren\w*|grads|hired|homework|튜터|図書館""",
    "productivity": r"""productiv\w+|calendar|notes?|tasks?|to.?dos?|emails?|inbox|crm|spreadsheets?|forms?
        |focus|meetings?|schedul\w+|reminders?|planner|itinerary|chores|workflow\w*|teams?|documents?
        |organi[sz]e\w*|tracks? every|co.?work\w*|trip|screenshots?|follow ups?|packages?
        |productividad|produtividade|aufgaben|tâches?|задач\w*|bookkeep\w*|accountants?|receipts
        |remote work|summari[sz]e\w*|dashboard for teams""",
}

_IS_WORD = re.compile(r"(?:[\w\\?*+()|\[\]]|\(\?:)+\Z")
_WORD = re.compile(r"\w+")


def _alternatives(words: str) -> list[str]:
    """Return the alternatives of a class: what stands between bars outside of brackets."""
    listed = re.sub(r"\s*\n\s*", "", words)
    return re.findall(r"(?:\([^)]*\)|[^|])+", listed)


def _pattern(alternatives: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(alternatives) or r"(?!)", re.IGNORECASE)


_SINGLE = {
    name: _pattern([one for one in _alternatives(words) if _IS_WORD.match(one)])
    for name, words in _WORDS.items()
}
_PHRASES = Lexicon(
    {
        name: [f"(?:{one})(?!\\w)" for one in _alternatives(words) if not _IS_WORD.match(one)]
        for name, words in _WORDS.items()
    }
)


_WEAK = frozenset(
    """based card cards data deploy deployment delivery devs drops exchange fans friends gm kid kids
    local logs members messages minting options orders park parking pay practice products profiles
    prompts protocol rent security staking stake street swap swaps teams tip tips together trading
    video videos wallet wallets watch""".split()  # noqa: SIM905 - A list of words is clearest as a text.
)
"""Words that other projects use as well; two of them weigh as much as another one."""


class Hit(NamedTuple):
    """A word that speaks for a class, and where it stands."""

    category: str
    word: str
    start: int
    end: int


def hits(text: str) -> list[Hit]:
    """Return the words in *text* that speak for a class, in any order; each of a class once."""
    lowered = text.lower()
    found: dict[tuple[str, str], Hit] = {}
    for match in _WORD.finditer(lowered):
        word = match[0]
        for name in _classes_of(word):
            found.setdefault((name, word), Hit(name, word, *match.span()))
    for name, match in _PHRASES.matches(lowered):
        found.setdefault((name, match[0]), Hit(name, match[0], *match.span()))
    return list(found.values())


@lru_cache(maxsize=50_000)
def _classes_of(word: str) -> tuple[str, ...]:
    """Return the classes that a single word speaks for; most words have been met before."""
    return tuple(name for name, pattern in _SINGLE.items() if pattern.fullmatch(word))


def weights(found: list[Hit]) -> dict[str, float]:
    """Return how much different words speak for each class that has one; a usual word weighs 1."""
    totals: dict[str, float] = {}
    for hit in found:
        weight = 0.5 if hit.word in _WEAK else 1.0
        totals[hit.category] = totals.get(hit.category, 0.0) + weight
    return totals
