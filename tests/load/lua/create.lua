-- Creates the records in the file BODY at TARGET again and again, signed in with TOKEN.

local changes = require("changes")
local summary = require("summary")
local requests, place = {}, 0

function init(args)
   requests = changes.read()
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
