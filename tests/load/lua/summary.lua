-- The last line of every run, for programs.

local summary = {}

function summary.print(counted, latency)
   local errors = counted.errors
   local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write(string.format('{"requests": %d, "us": %d, "p99_us": %d, "failures": %d}\n',
      counted.requests, counted.duration, latency:percentile(99), failures))
end

-- The lines of a file.
function summary.lines(file)
   local lines = {}
   for line in io.lines(file) do lines[#lines + 1] = line end
   return lines
end

return summary
