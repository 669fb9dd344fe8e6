// A program: the suite's origin server, with the suite's own handlers. node origin.mjs ENGINE PORT
//
// The suite's server.mjs listens on all addresses, wants npm's environment and writes a file with its process id. This
// one listens on loopback alone, prints one line of JSON, {"port"}, and ends at SIGTERM.

import { createServer } from 'node:http';
import { handle as handleOwn } from '../supplement/interim-origin.mjs';
import { importFrom } from './suites.mjs';

const [engine, port] = process.argv.slice(2);
const handlers = new Map([['own', handleOwn]]);
for (const name of ['config', 'state', 'test']) {
  handlers.set(name, (await importFrom(engine, `server/handle-${name}.mjs`)).default);
}

const server = createServer((request, response) => {
  const [, name, ...rest] = new URL(request.url, 'http://origin').pathname.split('/');
  const handler = handlers.get(name);
  if (handler === undefined) {
    response.writeHead(404).end();
  } else {
    handler(rest, request, response);
  }
});
server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(Number(port), '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
