import { EVENT_TYPES } from "../events/catalogue";

/** Names that lead inside a network, by their last labels. */
const INSIDE = [
  "localhost",
  "local",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "localdomain",
  "home.arpa",
  "onion",
  "test",
  "invalid",
  "example",
  "arpa",
];

interface Rules {
  /** Local development: http and loopback too. */
  allowInsecure: boolean;
}

/** The address that events of a type are sent to: `{type}` in the webhook's URL becomes the type. */
export function targetUrl(template: string, type: string): string {
  return template.replaceAll("{type}", type);
}

/** Whether a webhook may have this URL, whatever the type that is put into it. */
export function isAllowedTemplate(template: string, rules: Rules): boolean {
  return EVENT_TYPES.every((type) => isAllowedTarget(targetUrl(template, type), rules));
}

/**
 * Whether events may be sent to this URL: https on port 443 to a public name, without credentials.
 * Asked when a webhook is set and again when it is sent to, since rules and rows outlive each other.
 */
export function isAllowedTarget(url: string, { allowInsecure }: Rules): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, username, password } = new URL(url);
  if (username !== "" || password !== "") return false;
  if (allowInsecure && (protocol === "http:" || protocol === "https:") && isLoopback(hostname))
    return true;
  const secure = protocol === "https:" || (allowInsecure && protocol === "http:");
  return secure && port === "" && isPublicName(hostname);
}

/** The parser has lower-cased the name, made punycode of it and written every form of an IPv4 address with dots. */
function isPublicName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, "");
  if (isIpLiteral(name) || !name.includes(".") || name.endsWith(".")) return false;
  return !INSIDE.some((last) => name === last || name.endsWith(`.${last}`));
}

function isIpLiteral(name: string): boolean {
  return name.startsWith("[") || /^[0-9.]+$/.test(name);
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
