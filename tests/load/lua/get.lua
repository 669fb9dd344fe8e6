-- Reads the targets that the file TARGETS names, one a line, in turn. One target costs wrk nothing a request.

local summary = require("summary")
local targets = summary.lines(os.getenv("TARGETS"))
local requests, place = {}, 0

function init(args)
   for place, target in ipairs(targets) do requests[place] = wrk.format("GET", target) end
   if #requests == 1 then
      local only = requests[1]
      request = function() return only end
   end
end

function request()
   place = place % #requests + 1
   return requests[place]
end

function done(counted, latency) summary.print(counted, latency) end
