import type { Config } from "../../platform/env";
import { EVENT_TYPES } from "../../events/types";

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

/** Names that anyone can make lead to any address. */
const TO_ANYWHERE = ["nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me", "vcap.me"];

/** What a deployment adds to the rules. */
export interface Rules {
  /** Local development: http and loopback too. */
  allowInsecure: boolean;
  /** The names that this deployment itself is reached by. */
  ownHostnames: readonly string[];
}

export const STRICTEST: Rules = { allowInsecure: false, ownHostnames: [] };

export function rulesOf(config: Config): Rules {
  return {
    allowInsecure: config.ALLOW_INSECURE_WEBHOOKS === "true",
    ownHostnames: config.OWN_HOSTNAMES,
  };
}

/** The address that events of a type are sent to: `{type}` in the webhook's URL becomes the type. */
export function targetUrl(template: string, type: string): string {
  return template.replaceAll("{type}", type);
}

/**
 * Whether a webhook may have this URL, whatever the type that is put into it. Another brace, or a `type` in braces that is
 * written in another way, would be sent to as it is.
 */
export function isAllowedTemplate(template: string, rules: Rules): boolean {
  if (/[{}]|(%7B)+type(%7D)+/i.test(template.replaceAll("{type}", "type"))) return false;
  return EVENT_TYPES.every((type) => isAllowedTarget(targetUrl(template, type), rules));
}

/**
 * Whether events may be sent to this URL: https on port 443 to a public name, without credentials.
 * Asked when a webhook is set and again when it is sent to, since rules and rows outlive each other.
 */
export function isAllowedTarget(url: string, { allowInsecure, ownHostnames }: Rules): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, username, password } = new URL(url);
  if (username !== "" || password !== "") return false;
  if (allowInsecure && (protocol === "http:" || protocol === "https:") && isLoopback(hostname))
    return true;
  const secure = protocol === "https:" || (allowInsecure && protocol === "http:");
  return secure && port === "" && isPublicName(hostname) && !ownHostnames.includes(bare(hostname));
}

/** The parser has lower-cased the name, made punycode of it and written every form of an IPv4 address with dots. */
function isPublicName(hostname: string): boolean {
  const name = bare(hostname);
  if (isIpLiteral(name) || !name.includes(".") || name.endsWith(".")) return false;
  return ![...INSIDE, ...TO_ANYWHERE].some((last) => name === last || name.endsWith(`.${last}`));
}

/** Without the dot at its end that a full name may have. */
function bare(hostname: string): string {
  return hostname.replace(/\.$/, "");
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
