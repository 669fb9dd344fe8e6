-- What a busy site asks, in a fixed order: of a hundred requests 90 read a record of RECORDS, 9 a list of LISTS, and one
-- creates the record in BODY at TARGET, signed in with TOKEN.

local summary = require("summary")
local records, lists, create = {}, {}, nil
local count = 0

function init(args)
   for place, target in ipairs(summary.lines(os.getenv("RECORDS"))) do records[place] = wrk.format("GET", target) end
   for place, target in ipairs(summary.lines(os.getenv("LISTS"))) do lists[place] = wrk.format("GET", target) end
   local file = io.open(os.getenv("BODY"))
   local headers = {
      ["Content-Type"] = "application/json",
      ["Authorization"] = "Bearer " .. os.getenv("TOKEN"),
   }
   create = wrk.format("POST", os.getenv("TARGET"), headers, file:read("*a"))
   file:close()
end

function request()
   count = count + 1
   local turn = count % 100
   if turn == 0 then return create end
   if turn % 11 == 0 then return lists[count % #lists + 1] end
   return records[count % #records + 1]
end

function done(counted, latency) summary.print(counted, latency) end
