import { expect, it } from "vitest";
import { HOSTILE_URLS } from "../../support/hostile-urls";
import { isAllowedTemplate } from "../../../src/pipeline/delivery/target";

const ownHostnames = ["api.example.com", "own.example.net", "api2.example.net"];
const STRICT = { allowInsecure: false, ownHostnames };
const LOCAL = { allowInsecure: true, ownHostnames };

const GOOD = [
  "https://receiver.acme.com/",
  "https://receiver.acme.com",
  "https://www.example.com/{type}",
  "https://receiver.acme.com:443/in?type={type}&key=1#x",
  "HTTPS://RECEIVER.ACME.COM/",
  "https://receiver.acme.com./",
  "https://{type}.acme.com/",
  "https://bücher.de/",
  "https://xn--bcher-kva.de/",
  "https://localhost.acme.com/",
  "https://127.0.0.1.nip.acme.com/",
  "https://10.acme.com/",
  "https://1.1.1.1.acme.com/",
  "https://metadata.acme.com/",
];

const allowed = (urls: string[], rules = STRICT) =>
  urls.filter((url) => isAllowedTemplate(url, rules));

it("allows public https addresses", () => {
  expect(allowed(GOOD)).toEqual(GOOD);
});

it.each([
  "https://a.com/{TYPE}",
  "https://a.com/{Type}",
  "https://a.com/%7Btype%7D",
  "https://a.com/%7btype%7d",
  "https://a.com/{{type}}",
  "https://a.com/%7B%7Btype%7D%7D",
  "https://a.com/{type}/{sim_id}",
  "https://a.com/{type",
  "https://a.com/type}",
  "https://{{type}}.a.com/",
])("refuses %s, which would be sent to with its braces", (url) => {
  expect(allowed([url])).toEqual([]);
});

it("allows other braces where they are encoded", () => {
  const url = "https://a.com/{type}?filter=%7B%22a%22%3A1%7D";
  expect(allowed([url])).toEqual([url]);
});

it.each(HOSTILE_URLS)("refuses %s", (_, urls) => {
  expect(allowed(urls)).toEqual([]);
});

it("allows http and loopback too in local development", () => {
  const local = [
    "http://localhost:8790/{type}",
    "http://127.0.0.1:8790/",
    "http://[::1]:8790/",
    "https://localhost/",
    "https://api.localhost:1234/",
    "http://receiver.acme.com/",
  ];
  expect(allowed(local)).toEqual([]);
  expect(allowed([...local, ...GOOD], LOCAL)).toEqual([...local, ...GOOD]);
});

it("allows nothing else in local development", () => {
  const urls = [
    "http://user:pass@localhost/",
    "ftp://localhost/",
    "http://169.254.169.254/",
    "http://10.0.0.1/",
    "http://192.168.1.1:8080/",
    "http://metadata.google.internal/",
    "http://receiver.acme.com:8080/",
    "https://receiver.acme.com:8443/",
    "http://localhost.acme.com:8080/",
    "http://0.0.0.0/",
  ];
  expect(allowed(urls, LOCAL)).toEqual([]);
});
