import { expect, it } from "vitest";
import { isAllowedTemplate } from "../../src/webhooks/target";

const STRICT = { allowInsecure: false };
const LOCAL = { allowInsecure: true };

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

const HOSTILE: [why: string, urls: string[]][] = [
  [
    "no address",
    ["", "x", "/", "//acme.com/", "https://", "https:///", "acme.com", "https://acme .com/"],
  ],
  [
    "another protocol",
    [
      "http://acme.com/",
      "ftp://acme.com/",
      "ws://acme.com/",
      "wss://acme.com/",
      "file:///etc/passwd",
      "data:text/plain,x",
      "javascript:alert(1)",
      "blob:https://acme.com/x",
      "{type}://acme.com/",
    ],
  ],
  [
    "credentials",
    [
      "https://user@acme.com/",
      "https://user:pass@acme.com/",
      "https://:pass@acme.com/",
      "https://acme.com@127.0.0.1/",
      "https://{type}@acme.com/",
      "https://acme.com%40x@acme.com/",
    ],
  ],
  [
    "another port",
    [
      "https://acme.com:80/",
      "https://acme.com:8443/",
      "https://acme.com:22/",
      "https://acme.com:0/",
      "https://acme.com:65536/",
      "https://acme.com:444/",
      "https://acme.com:{type}/",
    ],
  ],
  [
    "an IPv4 address",
    [
      "https://127.0.0.1/",
      "https://8.8.8.8/",
      "https://10.0.0.1/",
      "https://192.168.1.1/",
      "https://172.16.0.1/",
      "https://169.254.169.254/",
      "https://100.100.100.200/",
      "https://0.0.0.0/",
      "https://255.255.255.255/",
      "https://127.0.0.1./",
    ],
  ],
  [
    "an IPv4 address in disguise",
    [
      "https://2130706433/",
      "https://017700000001/",
      "https://0x7f000001/",
      "https://0x7f.0.0.1/",
      "https://0177.0.0.1/",
      "https://127.1/",
      "https://127.0.1/",
      "https://0/",
      "https://0x0/",
      "https://2852039166/",
      "https://0xA9FEA9FE/",
      "https://①②⑦.⓪.⓪.①/",
      "https://127。0。0。1/",
      "https://１２７.0.0.1/",
      "https://%31%32%37.0.0.1/",
      "https://127.0.0.1../",
      "https://0x7f.0.0.1../",
    ],
  ],
  [
    "an IPv6 address",
    [
      "https://[::1]/",
      "https://[::]/",
      "https://[::ffff:127.0.0.1]/",
      "https://[::ffff:7f00:1]/",
      "https://[::ffff:a9fe:a9fe]/",
      "https://[64:ff9b::7f00:1]/",
      "https://[fe80::1]/",
      "https://[fc00::1]/",
      "https://[fd00:ec2::254]/",
      "https://[2606:4700:4700::1111]/",
      "https://[0:0:0:0:0:0:0:1]/",
    ],
  ],
  [
    "loopback by name",
    [
      "https://localhost/",
      "https://LOCALHOST/",
      "https://localhost./",
      "https://localhost../",
      "https://api.localhost/",
      "https://api.localhost./",
      "https://ｌｏｃａｌｈｏｓｔ/",
      "https://local\u00adhost/",
      "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
      "https://loc%61lhost/",
      "https://localhost.localdomain/",
      "https://xn--localhost-/",
      "https://a.localhost../",
    ],
  ],
  [
    "a name inside a network",
    [
      "https://intranet/",
      "https://db/",
      "https://router.lan/",
      "https://printer.local/",
      "https://nas.home/",
      "https://nas.home.arpa/",
      "https://x.corp/",
      "https://x.private/",
      "https://x.intranet/",
      "https://ip-10-0-0-1.ec2.internal/",
      "https://host.docker.internal/",
      "https://db.svc.cluster.local/",
      "https://x.test/",
      "https://x.invalid/",
      "https://x.example/",
      "https://x.onion/",
      "https://1.0.0.127.in-addr.arpa/",
      "https://ｘ．ｌｏｃａｌ/",
    ],
  ],
  [
    "cloud metadata",
    [
      "https://metadata/",
      "https://metadata.google.internal/",
      "https://metadata.google.internal./",
      "https://metadata.google.internal../",
      "https://metadata.azure.internal/",
      "https://instance-data/",
      "https://instance-data.ec2.internal/",
      "https://METADATA.GOOGLE.INTERNAL/",
    ],
  ],
];

const allowed = (urls: string[], rules = STRICT) =>
  urls.filter((url) => isAllowedTemplate(url, rules));

it("allows public https addresses", () => {
  expect(allowed(GOOD)).toEqual(GOOD);
});

it.each(HOSTILE)("refuses %s", (_, urls) => {
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
