export const HELP = `npm start -- [options]

A local server with a demo account: 20 SIMs and 30 days of usage. It needs no Cloudflare account. Ctrl-C ends it; data and keys
stay in .wrangler/state and .dev.vars.

  --port N              where it listens (8787)
  --persist-to FOLDER   where the data is kept (.wrangler/state)
  --var NAME:VALUE      sets a variable of docs/configuration.md, in place of .dev.vars; may be given several times
  --help                this text

Other options go to \`wrangler dev\`.`;
