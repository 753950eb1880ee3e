"""scale-gp-beta as its users call it: scale.py sync|async SCENARIO. Prints one JSON value.

One text for both clients: `done` waits for what the async one answers, `each` goes through either kind of page or stream.
Validation is strict, so that an answer which is not as the client's own types say ends the script.
"""

import asyncio
import inspect
import io
import json
import os
import pathlib
import sys
import tarfile
import tempfile
import time

import scale_gp_beta
from scale_gp_beta import AsyncSGPClient, SGPClient

MODE, SCENARIO = sys.argv[1:3]
SALT = os.environ["SALT"]
client = (SGPClient if MODE == "sync" else AsyncSGPClient)(_strict_response_validation=True)
DOCKERFILE = f"FROM python:3.11-slim\nARG WHO=nobody\nCOPY . /app\nRUN echo \"I am $WHO of {SALT}\"\n"


class Stream(io.RawIOBase):
    """What has no length and no way back, as an answer of another server; a pipe has no luck with this client's HTTP library"""

    def __init__(self, data):
        self.data = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.data.readinto(buffer)


async def done(value):
    return await value if inspect.isawaitable(value) else value


async def each(pages):
    if hasattr(pages, "__aiter__"):
        async for item in pages:
            yield item
    else:
        for item in await done(pages):
            yield item


def archive(dockerfile=DOCKERFILE, **files):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        for name, text in {"Dockerfile": dockerfile, "app.txt": f"{SALT}\n", **files}.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            info.mtime = time.time()
            tar.addfile(info, io.BytesIO(text.encode()))
    return held.getvalue()


async def finished(build_id):
    for _ in range(600):
        build = await done(client.build.retrieve(build_id))
        if build.build_status not in ("queued", "running", "cancelling"):
            return build
        await asyncio.sleep(0.2)
    raise SystemExit(f"{build_id} is still {build.build_status}")


def plain(build):
    # what the server sent, and nothing that the client's model adds
    return json.loads(build.to_json(exclude_unset=True))


async def lines_of(build_id):
    stream = await done(client.build.logs(build_id))
    return [chunk.line async for chunk in each(stream)]


async def create():
    """every way to hand over an archive, each built to its end"""
    data = archive()
    path = pathlib.Path(tempfile.mkdtemp()) / "context.tar.gz"
    path.write_bytes(data)
    ways = {"bytes": data, "path": path, "file": path.open("rb"), "tuple": ("a.tgz", data, "application/gzip"), "stream": Stream(data)}
    built = {}
    for way, context in ways.items():
        first = await done(
            client.build.create(
                image_name="built",
                agent_name=f"{MODE}-{way}",
                image_tag="v1",
                build_args=json.dumps({"WHO": f"{MODE} {way}"}),
                context_archive=context,
                platform="linux/amd64",
                source_repo="github.com/acme/agents",
                source_commit="c0ffee",
                source_ref="main",
                source_subpath="agents/one",
                source_dirty=True,
                working_tree_hash=f"{MODE}-{way}",
            )
        )
        last = await finished(first.id)
        built[way] = {"first": plain(first), "last": plain(last), "lines": await lines_of(first.id)}
    return built


async def same_again():
    """an equal archive for the agent that is there: its own record, nothing run"""
    agent = await finished((await done(client.build.create(image_name="again", agent_name=f"{MODE}-again", context_archive=archive()))).id)
    second = await done(client.build.create(image_name="again", agent_id=agent.agent_id, context_archive=archive()))
    return {"first": plain(agent), "second": plain(await finished(second.id))}


async def logs():
    """a stream that is opened while the build runs ends with it"""
    slow = f"{DOCKERFILE}RUN echo {MODE}\nRUN for n in 1 2 3 4; do echo line $n; sleep 1; done\n"
    build = await done(client.build.create(image_name="logs", agent_name=f"{MODE}-logs", context_archive=archive(slow)))
    before = (await done(client.build.retrieve(build.id))).build_status
    during = await lines_of(build.id)
    after = (await done(client.build.retrieve(build.id))).build_status
    return {"before": before, "during": during, "status": after, "replayed": await lines_of(build.id)}


async def cancel():
    """of a build that runs; then once more"""
    endless = f"FROM python:3.11-slim\nRUN echo {SALT} {MODE} begun && sleep 300\n"
    build = await done(client.build.create(image_name="cancel", agent_name=f"{MODE}-cancel", context_archive=archive(endless)))
    stream = await done(client.build.logs(build.id))
    async for chunk in each(stream):
        if chunk.line and chunk.line.endswith("begun"):
            break
    await done(stream.close())
    running = (await done(client.build.retrieve(build.id))).build_status
    at_call = (await done(client.build.cancel(build.id))).build_status
    last = (await finished(build.id)).build_status
    again = (await done(client.build.cancel(build.id))).build_status
    return {"running": running, "at_call": at_call, "last": last, "again": again}


async def failed():
    """by the source: no error field, so the log tells"""
    build = await done(client.build.create(image_name="bad", agent_name=f"{MODE}-bad", context_archive=archive("FROM python:3.11-slim\nRUN echo so close && exit 3\n")))
    return {"status": (await finished(build.id)).build_status, "lines": await lines_of(build.id)}


async def lists():
    """more builds than a page, both ways, with filters; and the agents"""
    for at in range(7):
        await done(
            client.build.create(
                image_name=f"listed-{at}", agent_name=f"{MODE}-listed-{at}", image_url="docker.io/library/python:3.11-slim", source_commit=f"sha-{MODE}-{at % 2}"
            )
        )
    page = await done(client.build.list(limit=2))
    names = [build.image_name async for build in each(client.build.list(limit=2))]
    every = [build.id async for build in each(client.build.list(limit=1000))]
    back = [build.id async for build in each(client.build.list(limit=2, ending_before=every[-1]))]
    rising = [build.id async for build in each(client.build.list(limit=3, sort_by="created_at", sort_order="asc"))]
    return {
        "page": {"items": len(page.items), "has_more": page.has_more, "total": page.total, "limit": page.limit, "object": page.object},
        "names": names,
        "every": every,
        "back": back,
        "rising": rising,
        "by_commit": [build.image_name async for build in each(client.build.list(source_commit=f"sha-{MODE}-1"))],
        "by_agent": [build.image_name async for build in each(client.build.list(agent_name=f"{MODE}-listed-3"))],
        "undeployed": [
            {"agent_name": agent.agent_name, "latest": agent.latest_build.image_name, "total_builds": agent.total_builds}
            for agent in await done(client.build.list_undeployed())
        ],
    }


async def lost():
    """the answer to this create does not arrive, so the client sends it again by itself"""
    build = await done(client.build.create(image_name="lost", agent_name=f"{MODE}-lost", context_archive=archive(f"{DOCKERFILE}RUN echo {MODE}\n")))
    page = await done(client.build.list(agent_name=f"{MODE}-lost"))
    return {"id": build.id, "listed": [one.id for one in page.items]}


async def registered():
    """an image that is there already"""
    build = await done(
        client.build.create(image_name="there", agent_name=f"{MODE}-there", image_url="docker.io/library/python:3.11-slim")
    )
    return {"first": plain(build), "lines": await lines_of(build.id)}


async def refused(about, error, **fields):
    try:
        build = await done(client.build.create(**{"image_name": "x", **fields}))
        return {"about": about, "built": build.id}
    except error as caught:
        return {"about": about, "status": caught.status_code, "body": caught.body}


async def errors():
    """what is raised; each by one request"""
    await done(client.build.create(image_name="x", agent_name=f"{MODE}-taken", image_url="docker.io/library/python:3.11-slim"))
    unprocessable, bad = scale_gp_beta.UnprocessableEntityError, scale_gp_beta.BadRequestError
    data, new = archive(), f"{MODE}-new"
    answers = [
        await refused("taken", bad, agent_name=f"{MODE}-taken", context_archive=data),
        await refused("no source", unprocessable, agent_name=new),
        await refused("both sources", unprocessable, agent_name=new, context_archive=data, image_url="docker.io/library/python:3.11-slim"),
        await refused("no agent", unprocessable, context_archive=data),
        await refused("no Dockerfile", unprocessable, agent_name=new, context_archive=no_dockerfile()),
        await refused("no archive", bad, agent_name=new, context_archive=b"not a tar"),
        await refused("build_args", unprocessable, agent_name=new, context_archive=data, build_args="{"),
        await refused("platform", unprocessable, agent_name=new, context_archive=data, platform="windows/amd64"),
        # the name is still free
        await refused("free", bad, agent_name=new, image_url="docker.io/library/python:3.11-slim"),
    ]
    try:
        await done(client.build.retrieve("00000000-0000-4000-8000-000000000000"))
    except scale_gp_beta.NotFoundError as caught:
        answers.append({"about": "unknown", "status": caught.status_code, "body": caught.body})
    try:
        await done(client.with_options(api_key="kiln_wrong").build.list())
    except scale_gp_beta.AuthenticationError as caught:
        answers.append({"about": "key", "status": caught.status_code, "body": caught.body})
    return answers


def no_dockerfile():
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("app.py"), io.BytesIO())
    return held.getvalue()


async def one_file():
    """the archive at ARCHIVE, as another tool made it"""
    build = await done(client.build.create(image_name="packed", agent_name=os.environ["AGENT"], context_archive=pathlib.Path(os.environ["ARCHIVE"])))
    return {"last": plain(await finished(build.id)), "lines": await lines_of(build.id)}


print(json.dumps(asyncio.run(globals()[SCENARIO]())))
