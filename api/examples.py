"""One example of every noun, from a recorded day, for the description of the API."""

from schemas.candle import Candle
from schemas.engagement import EngagementPoint
from schemas.fields import Mint
from schemas.post import Author, Command, Post
from schemas.public import LifecycleRecord, TradeRecord
from schemas.token import CurveState, Quote, SocialLinks, Token, TokenPost, WindowFigures
from views.contract import Holder, LinkedPost, Position, PostLink, PostView
from views.figures import CreatorFigures, MarketFigures

MINT: Mint = "E2Qwyg4fjeU2WbmrBTbL41MyJzpppy33gk3PMQ5sX7wJ"
POOL = "8cm4WCb3BtucjQH4RmrecrXq7CLb7Ka44Sm5WxqsaKRL"
PROGRAM = "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN"
TRADER = "333ieDhFVsVfkFxK15LzLtJdGSLChSwhcHNXPPWXiEd6"
CREATOR = "BbEwSDQVk8vAvQajagPuF5YLAgBSsARQ8mrwDjdCDQ6i"
SOL: Mint = "So11111111111111111111111111111111111111112"
LAUNCH_SIGNATURE = (
    "5rFX17yaRAvgEr8QYhT97mVAoZmQcin2PuTuskjEq4Lbzar9H3sByvwn58YPfGgBZhQbkY68k3MnPQEiSvNKaeNZ"
)
TRADE_SIGNATURE = (
    "4Nc1Fy19K1wgU1aGVRR4xBGQDPsz5AStzEXiNLLU2bgY59EjN5d6Ls15Da1dm397GefxqAK5k2hrWkQ6PUdNbjdS"
)
LAUNCHED_AT = "2026-09-21T14:13:31Z"
AS_OF = "2026-09-22T16:07:35Z"
URL = "https://x.com/lunarpulse/status/1960000048952237000"

AUTHOR = Author(id="1700000000000000001", username="lunarpulse", followers=1234, verified=False)

POST = Post(
    id="1960000048952237000",
    url=URL,
    text="@launchcoin $LUNPU + Lunar Pulse",
    author=AUTHOR,
    created_at="2026-09-21T14:12:43Z",
    created_ms=1789999963000,
    language="en",
    command=Command(
        addressee="launchcoin",
        launcher="believe",
        ticker="LUNPU",
        name="Lunar Pulse",
        tier="A",
        confidence=0.99,
    ),
    cashtags=("LUNPU",),
)

TOKEN = Token(
    mint=MINT,
    name="Lunar Pulse",
    symbol="LUNPU",
    uri="https://ipfs.io/ipfs/bafkrei9bdb2af6799204a299c603994b8e400e4b1fd625efdb74066cc8",
    image=None,
    description="Lights that follow the moon.",
    links=SocialLinks(website=None, x="https://x.com/lunarpulse", telegram=None),
    launchpad="believe",
    protocol="meteora-dbc",
    program=PROGRAM,
    pool=POOL,
    config="H4qG6CXzBfk9c92khA9dmPCtbcR7GKHYhdKM6QEFiCv4",
    creator=CREATOR,
    signer=None,
    decimals=6,
    supply="753865692.295287",
    quote=Quote(
        mint=SOL, symbol="SOL", decimals=9, price_usd="143.25", priced_at="2026-09-22T16:07:31Z"
    ),
    stage="bonding",
    progress=0.4555737438,
    curve=CurveState(
        base_reserve="358563350.685944",
        quote_reserve="27.334424631",
        threshold="60",
        sqrt_price_x64="241057837467680170",
    ),
    price="0.000000170766653383763442554",
    price_usd="0.0000244623230972241131459",
    market_cap="128.735121374100141963",
    market_cap_usd="18441.3061368398453362",
    liquidity="27.334424631",
    liquidity_usd="3915.65632839075",
    windows={
        name: WindowFigures(
            volume="0.584252098",
            volume_usd="83.6941130385",
            buys=0,
            sells=1,
            trades=1,
            traders=1,
            price_change=-0.0137,
        )
        for name in ("5m", "1h", "6h", "24h")
    },
    trades=230,
    holders=91,
    top10_share=0.2066,
    creator_share=0.0,
    launched_at=LAUNCHED_AT,
    launch_slot=452000029,
    launch_signature=LAUNCH_SIGNATURE,
    completed_at=None,
    migrated_at=None,
    migrated_pool=None,
    post=TokenPost(
        status="matched",
        id=POST.id,
        url=URL,
        text=POST.text,
        author=AUTHOR,
        created_at=POST.created_at,
        confidence=0.99,
        evidence=("tweetId",),
        delay_ms=48000,
    ),
    project=None,
    version=231,
    slot=452233139,
    as_of=AS_OF,
)

TRADE = TradeRecord(
    id=f"452000029:{TRADE_SIGNATURE}:2.5",
    mint=MINT,
    time=LAUNCHED_AT,
    slot=452000029,
    signature=TRADE_SIGNATURE,
    path="2.5",
    sort_key="000452000029:000001:002:005",
    side="buy",
    trader=TRADER,
    base_amount="5831875.975536",
    quote_amount="0.16640281",
    price="0.0000000285333245593766486",
    fee="0.003328056",
    fee_in_base=False,
    program=PROGRAM,
)

CANDLE = Candle(
    time="2026-09-21T14:13:00Z",
    open="0.0000000285333245593766486",
    high="0.0000000295943301117",
    low="0.0000000285333245593766486",
    close="0.0000000295943301117",
    volume="0.48572299",
    trades=4,
    rev=4,
    final=True,
)

LAUNCH = LifecycleRecord(
    id=f"452000029:{LAUNCH_SIGNATURE}:1",
    mint=MINT,
    kind="launch",
    time=LAUNCHED_AT,
    slot=452000029,
    signature=LAUNCH_SIGNATURE,
    path="1",
    pool=POOL,
    launchpad="believe",
    protocol="meteora-dbc",
)

HOLDER = Holder(address=TRADER, amount="5831875.975536", share=0.0077, as_of_slot=452233139)
POSITION = Position(
    mint=MINT, name="Lunar Pulse", symbol="LUNPU", amount="5831875.975536", share=0.0077
)
ENGAGEMENT = (
    EngagementPoint(
        after_s=60, at="2026-09-21T14:13:43.400Z", likes=9, reposts=2, replies=5, quotes=0,
        bookmarks=1, views=214,
    ),
    EngagementPoint(
        after_s=300, at="2026-09-21T14:17:43.900Z", likes=31, reposts=6, replies=11, quotes=2,
        bookmarks=4, views=1873,
    ),
)  # fmt: skip
LINKED = LinkedPost(
    id=POST.id, url=URL, relation="matched", confidence=0.99, score=None, post=POST,
    engagement=ENGAGEMENT,
)  # fmt: skip
POST_VIEW = PostView(
    post=POST,
    links=(
        PostLink(
            mint=MINT,
            relation="matched",
            status="matched",
            confidence=0.99,
            evidence=("tweetId",),
        ),
    ),
    engagement=ENGAGEMENT,
)
CREATOR_FIGURES = CreatorFigures(
    address=CREATOR,
    launches=1,
    completed=0,
    migrated=0,
    first_launch_at=LAUNCHED_AT,
    last_launch_at=LAUNCHED_AT,
)
FIGURES = MarketFigures(
    launchpad="believe",
    quote_mint=SOL,
    window="24h",
    launches=24,
    graduations=2,
    trades=5731,
    buys=3205,
    sells=2526,
    volume="1870.25",
)
