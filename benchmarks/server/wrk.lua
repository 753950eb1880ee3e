-- A request as the environment says, and what was seen as one line of JSON.
local body = os.getenv("WRK_BODY")
local think = tonumber(os.getenv("WRK_THINK")) or 0

if body and body ~= "" then
  wrk.method = "POST"
  wrk.body = body
  wrk.headers["Content-Type"] = "application/json"
end

local file = os.getenv("WRK_PATHS")
if file and file ~= "" then
  local paths, at = {}, 0
  for line in io.lines(file) do
    paths[#paths + 1] = line
  end
  function request()
    -- far apart, so that neighbours are not read together
    at = (at + 7919) % #paths
    return wrk.format(nil, paths[at + 1])
  end
end

-- each request with another number in place of every NUMBER of the body
if os.getenv("WRK_NUMBERED") == "1" then
  local number = os.time() * 1000
  function request()
    number = number + 1
    return wrk.format(nil, nil, nil, (body:gsub("NUMBER", tostring(number))))
  end
end

-- each for itself: with one pause for all they would ask in step, 50 at once and then nobody
if think > 0 then
  math.randomseed(1)
  function delay()
    return math.random(0, 2 * think)
  end
end

function done(summary, latency)
  local errors = summary.errors
  local bad = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    'SEEN {"requests":%d,"rate":%.1f,"p50":%.3f,"p99":%.3f,"max":%.3f,"bad":%d}\n',
    summary.requests,
    summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    latency.max / 1e3,
    bad
  ))
end
