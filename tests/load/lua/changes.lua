-- Requests that change something: the bodies that the file BODY holds, one a line, for TARGET, signed in with TOKEN if there
-- is one. With CLIENTS they come from so many clients in turn, as a proxy in front would say.

local changes = {}

function changes.read()
   local headers = { ["Content-Type"] = "application/json" }
   if os.getenv("TOKEN") then headers["Authorization"] = "Bearer " .. os.getenv("TOKEN") end
   local bodies = {}
   for body in io.lines(os.getenv("BODY")) do bodies[#bodies + 1] = body end
   local requests = {}
   local clients = tonumber(os.getenv("CLIENTS") or 0)
   for number = 1, math.max(#bodies, clients) do
      if clients > 0 then headers["X-Forwarded-For"] = string.format("10.0.%d.%d", math.floor(number / 250), number % 250 + 1) end
      requests[number] = wrk.format("POST", os.getenv("TARGET"), headers, bodies[number % #bodies + 1])
   end
   return requests
end

return changes
