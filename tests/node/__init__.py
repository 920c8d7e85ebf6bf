"""A test node: the part of Solana's RPC that a collector uses, served from recordings.

It speaks JSON-RPC over HTTP and subscriptions over WebSocket, on one address, as public nodes do,
and goes wrong on command. In a test::

    chain = chain_of(recording(MARKET, count=200), empty_share=0.05)
    async with serve_nodes(chain, [NodeFaults(drop=0.05), NodeFaults(lag=30)]) as nodes:
        start_the_client(nodes.solana)           # or nodes[0].ws_url, nodes[0].http_url
        await nodes[0].until_subscribed()
        await nodes.play()                       # or advance(blocks), or play(speed=100)
        nodes[0].suffer(stalled=True)            # any fault of NodeFaults, at any time
        nodes[0].cut()                           # all its connections
        nodes[0].asked["getTransaction"]         # and .refused, .most_connections, .most_in_flight

- ``loading``: ``recording(folder, first=, count=)``, ``placed(lines)``,
  ``recorded(folder, slot=, time=)``: transactions with their slots.
- ``chain``: ``chain_of(placed, seed=, empty_share=, fork_rate=, lost_share=)``: the chain, which
  never changes; what grows is how much of it the nodes have seen. Slots without a transaction were
  skipped, or have an empty block, in a share to choose; 40 empty blocks stand at either end, so
  that everything becomes final.
- ``faults``: ``NodeFaults``, and with ``traits=Traits(...)`` what a node can do at all, as
  ``Traits(blocks=False, transactions=False)``: neither blockSubscribe nor transactionSubscribe.
- ``serving``: ``serve_nodes(chain, faults, seed=, port=)`` gives ``Nodes``.

A block has one time, so transactions of one slot that were recorded with two times (as in 8 slots
of market-a) all have that of the first.

By hand: ``python -m tests.node --help``.

The same seed gives the same chain, and the same notifications and signatures go wrong; what is
decided by the number of a request depends on the order in which a client asks. Accounts are not
there: a recording holds transactions only.
"""
