// A Lambda function as Lambda runs it: processes of the official runtime interface client for Node, which ask this for one
// event at a time ("Using the Lambda runtime API" in Lambda's developer guide).
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const PREFIX = "/2018-06-01/runtime";

export class LambdaFunction {
  #waiting = []; // Events that no process has taken yet.
  #idle = []; // Answers to processes that wait for an event.
  #running = new Map(); // What was taken, by request id.
  #processes = [];
  #server;

  // `folder` holds the package, `handler` is `file.export`, `client` is the interface client's own program.
  static async start({ folder, handler, client, instances = 2 }) {
    const started = new LambdaFunction();
    started.#server = createServer((request, response) => started.#serve(request, response));
    started.#server.listen(0, "127.0.0.1");
    await once(started.#server, "listening");
    const environment = {
      ...process.env,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${started.#server.address().port}`,
      AWS_LAMBDA_FUNCTION_NAME: handler,
      AWS_LAMBDA_FUNCTION_VERSION: "1",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
      LAMBDA_TASK_ROOT: folder,
    };
    for (let i = 0; i < instances; i += 1) {
      const child = spawn(process.execPath, [client, handler], { cwd: folder, env: environment, stdio: ["ignore", "inherit", "inherit"] });
      child.on("exit", (code) => started.#lost(code));
      started.#processes.push(child);
    }
    return started;
  }

  // What the handler returns for an event.
  invoke(event) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id: randomUUID(), event, resolve, reject });
      this.#hand();
    });
  }

  async stop() {
    for (const child of this.#processes) {
      child.removeAllListeners("exit");
      child.kill();
    }
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #hand() {
    while (this.#waiting.length > 0 && this.#idle.length > 0) {
      const invocation = this.#waiting.shift();
      this.#running.set(invocation.id, invocation);
      this.#idle
        .shift()
        .writeHead(200, {
          "content-type": "application/json",
          "lambda-runtime-aws-request-id": invocation.id,
          "lambda-runtime-deadline-ms": String(Date.now() + 5000),
          "lambda-runtime-invoked-function-arn": "arn:aws:lambda:us-east-1:000000000000:function:stand-in:1",
        })
        .end(JSON.stringify(invocation.event));
    }
  }

  async #serve(request, response) {
    const path = request.url.slice(PREFIX.length);
    if (request.method === "GET" && path === "/invocation/next") {
      this.#idle.push(response);
      this.#hand();
      return;
    }
    const body = await text(request);
    response.writeHead(202).end();
    const [, id, outcome] = /^\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    const invocation = this.#running.get(id);
    if (!invocation) {
      console.error(`a function did not start: ${body}`);
      return;
    }
    this.#running.delete(id);
    if (outcome === "response") invocation.resolve(JSON.parse(body));
    else invocation.reject(new Error(`the function failed: ${body}`));
  }

  #lost(code) {
    const error = new Error(`a process of the function ended with ${code}`);
    for (const { reject } of [...this.#waiting, ...this.#running.values()]) reject(error);
    this.#waiting = [];
    this.#running.clear();
  }
}
