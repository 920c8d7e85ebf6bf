"""A test server: the part of the X API v2 that a collector uses, served from recorded posts.

Rules, filtered stream, recent search, look-up by ids and compliance stream, on one address, as
``api.x.com`` has them; it goes wrong on command. In a test::

    async with serve_x(recorded(MARKET / "posts.jsonl"), XFaults(duplicate=0.1)) as x:
        start_the_client(x.url, token=x.token)
        await x.until_listened()
        await x.play()                       # or play(speed=100), or post(one)
        x.suffer(mute=True)                  # any fault of XFaults, at any time
        x.refuse(429, reset_s=1)             # the next answer; also 401, 403, 503
        x.cut(), x.close()                   # all streams: reset, or ended in order
        x.delete(id), x.edit(id, text)       # as their author would
    x.leave_x(user_id, "user_delete")    # or user_suspend, user_protect
        x.delivered, x.asked, x.refused, x.most_connections

By hand: ``python -m tests.xserver --help``; a running one takes the same commands at
``POST /control/{delete,leave_x,edit,cut,close,refuse,suffer}``.
"""
