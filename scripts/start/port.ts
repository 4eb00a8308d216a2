import { createServer } from "node:net";

/** Whether something on this machine listens on the port already. */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((answer, fail) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") answer(true);
      else fail(error);
    });
    server.listen(port, "127.0.0.1", () => server.close(() => answer(false)));
  });
}
