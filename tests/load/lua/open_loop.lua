-- An open loop: RATE requests a second by the clock, whatever becomes of those before, as long as a connection is free.
-- They read the targets that the file TARGETS names, in turn, or change what changes.lua reads. Every answer is looked at: a refusal must say when to come back, and be a problem with its code.

local changes = require("changes")
local ffi = require("ffi")
local summary = require("summary")
ffi.cdef("typedef struct { long s; long ns; } moment; int clock_gettime(int clock, moment *now);")

local MONOTONIC = 1
local interval_ms = 1000 / tonumber(os.getenv("RATE"))
local now, due_ms = ffi.new("moment"), nil
local requests, place = {}, 0
local thread

served, shed, unsaid, other, late = 0, 0, 0, 0, 0

function setup(it) thread = it end

function init(args)
   if os.getenv("BODY") then
      requests = changes.read()
      return
   end
   for place, target in ipairs(summary.lines(os.getenv("TARGETS"))) do requests[place] = wrk.format("GET", target) end
end

-- Milliseconds until the next request is due. It is late if no connection was free in time.
function delay()
   ffi.C.clock_gettime(MONOTONIC, now)
   local now_ms = tonumber(now.s) * 1000 + tonumber(now.ns) / 1e6
   due_ms = (due_ms or now_ms) + interval_ms
   if due_ms < now_ms - 100 then
      late, due_ms = late + 1, now_ms
   end
   return math.max(0, math.floor(due_ms - now_ms))
end

function request()
   place = place % #requests + 1
   return requests[place]
end

function response(status, headers, body)
   if status < 300 then
      served = served + 1
   elseif status == 429 or status == 503 then
      shed = shed + 1
      local is_problem = headers["content-type"] == "application/problem+json" and body:find('"code":"', 1, true)
      if not (is_problem and tonumber(headers["retry-after"])) then unsaid = unsaid + 1 end
   else
      other = other + 1
   end
end

function done(counted)
   local errors = counted.errors
   local counts = {}
   for _, name in ipairs({ "served", "shed", "unsaid", "other", "late" }) do
      counts[#counts + 1] = string.format('"%s": %d', name, thread:get(name))
   end
   io.write(string.format('{"us": %d, "broken": %d, %s}\n', counted.duration,
      errors.connect + errors.read + errors.write + errors.timeout, table.concat(counts, ", ")))
end
