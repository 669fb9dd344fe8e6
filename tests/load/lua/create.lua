-- Creates the record in the file BODY at TARGET again and again, signed in with TOKEN.

local summary = require("summary")
local create

function init(args)
   local file = io.open(os.getenv("BODY"))
   local headers = {
      ["Content-Type"] = "application/json",
      ["Authorization"] = "Bearer " .. os.getenv("TOKEN"),
   }
   create = wrk.format("POST", os.getenv("TARGET"), headers, file:read("*a"))
   file:close()
end

function request() return create end

function done(counted, latency) summary.print(counted, latency) end
