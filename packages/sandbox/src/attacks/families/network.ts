/** Off the sandbox: to services of the host, to other sandboxes, to the network that the host is in. */
import type { Attack } from '../attack.ts'
import { denied, python } from '../programs.ts'

const unreachable = [...denied, 'ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ECONNREFUSED', 'ENETDOWN']

/** `ask(family, address)` connects and prints what it is told; what it was refused with is reported by name. */
const connecting = `
import socket
def ask(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.settimeout(2)
        door.connect(address)
        os.write(1, door.recv(4096))
`
const whileServing = (body: string) => `import os, socket, sys, time\n${body}\nprint("ready", flush=True)\n`

export const networkAttacks: readonly Attack[] = [
  {
    id: 'host-loopback',
    tries: 'Connects to a service of the host on 127.0.0.1.',
    language: 'python',
    source: python(`${connecting}attempt("connect", lambda: ask(socket.AF_INET, ("127.0.0.1", @TCP@)))`),
    decoys: ['tcp'],
    stopped: { says: { connect: unreachable, tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'host-loopback-other-names',
    tries: 'Connects to the host’s loopback by every other way to write it.',
    language: 'python',
    source: python(`${connecting}
for address in ("0.0.0.0", "127.0.0.2", "127.255.255.254", "localhost", "ip6-localhost", "@HOSTNAME@", "10.0.2.2", "192.168.65.2", "172.17.0.1", "host.docker.internal", "gateway.docker.internal"):
    for port in (@TCP@, @ADDRESSPORT@): quietly(lambda: ask(socket.AF_INET, (address, port)))
quietly(lambda: ask(socket.AF_INET6, ("::ffff:127.0.0.1", @TCP@)))`),
    limits: { wallMs: 10_000 },
    decoys: ['tcp', 'address'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'host-loopback-6',
    tries: 'Connects to a service of the host on ::1.',
    language: 'python',
    source: python(`${connecting}attempt("connect", lambda: ask(socket.AF_INET6, ("::1", @TCP6@)))`),
    decoys: ['tcp6'],
    stopped: { says: { connect: unreachable, tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'host-loopback-shell',
    tries: 'Connects to a service of the host from a shell, without any tool.',
    language: 'bash',
    source: 'exec 2>&1\nif exec 9<>/dev/tcp/127.0.0.1/@TCP@; then head -c 64 <&9; fi\necho "@NONCE@ tried yes"\n',
    decoys: ['tcp'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'host-loopback-node',
    tries: 'Fetches a page from a service of the host.',
    language: 'javascript',
    source: `const tried = () => console.log('@NONCE@ tried yes')
fetch('http://127.0.0.1:@TCP@/').then((reply) => reply.text()).then(console.log, () => {}).then(tried)
`,
    limits: { memoryBytes: 256 * 2 ** 20 },
    decoys: ['tcp'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'host-address',
    tries: 'Connects to a service of the host by the address that others know it by.',
    language: 'python',
    source: python(`${connecting}attempt("connect", lambda: ask(socket.AF_INET, ("@ADDRESS@", @ADDRESSPORT@)))`),
    decoys: ['address'],
    stopped: { says: { connect: unreachable, tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'host-datagrams',
    tries: 'Sends datagrams to a service of the host, to its broadcast and multicast addresses too.',
    language: 'python',
    source: python(`
import socket
door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
door.settimeout(0.5)
quietly(lambda: door.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1))
for address in ("127.0.0.1", "255.255.255.255", "224.0.0.1", "127.255.255.255"): quietly(lambda: door.sendto(b"@NONCE@", (address, @UDP@)))
quietly(lambda: os.write(1, door.recv(4096)))`),
    decoys: ['udp'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'host-abstract-socket',
    tries: 'Connects to a service of the host that listens on a name without a file.',
    language: 'python',
    source: python(`${connecting}attempt("connect", lambda: ask(socket.AF_UNIX, b"\\0@ABSTRACT@"))`),
    decoys: ['abstract'],
    stopped: { says: { connect: unreachable, tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'metadata',
    tries: 'Asks the metadata services of clouds for the machine’s credentials.',
    language: 'python',
    source: python(`${connecting}
for name, family, address in (("metadata", socket.AF_INET, "169.254.169.254"), ("tasks", socket.AF_INET, "169.254.170.2"), ("six", socket.AF_INET6, "fd00:ec2::254")):
    attempt(name, lambda: ask(family, (address, 80)))`),
    limits: { wallMs: 10_000 },
    stopped: { says: { metadata: unreachable, tasks: unreachable, six: unreachable, tried: ['yes'] } },
    control: {
      without: 'what answers at those addresses is not ours to ask; host-address shows that a connection would be seen',
    },
  },
  {
    id: 'internet',
    tries: 'Connects to the internet.',
    language: 'python',
    source: python(`${connecting}
for name, address in (("dns", ("192.0.2.1", 53)), ("web", ("198.51.100.1", 443)), ("lan", ("192.168.0.1", 80))): attempt(name, lambda: ask(socket.AF_INET, address))`),
    limits: { wallMs: 10_000 },
    stopped: { says: { dns: unreachable, web: unreachable, lan: unreachable, tried: ['yes'] } },
    control: {
      without: 'the addresses are those of documentation and answer nowhere; host-address shows that a connection would be seen',
    },
  },
  {
    id: 'resolve',
    tries: 'Resolves a name, by which data can leave without a connection.',
    language: 'python',
    source: python(`
import socket
for server in ("127.0.0.53", "127.0.0.11", "@ADDRESS@"):
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.settimeout(0.3)
    quietly(lambda: door.sendto(b"\\x12\\x34\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\7example\\3com\\0\\0\\1\\0\\1", (server, 53)))
    if quietly(lambda: door.recv(512)): say("answered", server)
    quietly(lambda: door.sendto(b"@NONCE@", ("127.0.0.1", @UDP@)))
    quietly(lambda: os.write(1, door.recv(512)))
if quietly(lambda: socket.getaddrinfo("example.com", 80)): say("resolved", "example.com")`),
    limits: { wallMs: 15_000 },
    decoys: ['udp', 'address'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'ping',
    tries: 'Sends an echo request to a service of the host and beyond.',
    language: 'python',
    source: python(`
import socket
def ping(address):
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    door.settimeout(0.5)
    door.sendto(b"\\x08\\0\\xf7\\xfd\\0\\1\\0\\1", (address, 0))
    door.recv(512)
    say("answered", address)
quietly(lambda: ping("@ADDRESS@"))`),
    decoys: ['address'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process', ifAllowed: 'net.ipv4.ping_group_range lets no ordinary user ping' },
  },
  {
    id: 'interfaces',
    tries: 'Looks for a network interface other than its own loopback, and for a route.',
    language: 'python',
    source: python(`
import socket
for _, name in quietly(socket.if_nameindex) or [(0, line.split(":")[0].strip()) for line in open("/proc/net/dev") if ":" in line]:
    if name != "lo": say("interface", name)
for line in (quietly(lambda: open("/proc/net/route").read()) or "").splitlines()[1:]: say("route", line.split()[0])
for line in (quietly(lambda: open("/proc/net/arp").read()) or "").splitlines()[1:]: say("neighbour", line.split()[0])`),
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process', ifAllowed: 'it has no network itself' },
  },
  {
    id: 'neighbour-port',
    tries: 'Connects to a port on which a program in another sandbox listens.',
    language: 'python',
    source: python(`${connecting}attempt("connect", lambda: ask(socket.AF_INET, ("127.0.0.1", 47114)))`),
    neighbour: {
      when: 'beside',
      language: 'python',
      source: `${whileServing('door = socket.create_server(("127.0.0.1", 47114))')}
other, _ = door.accept()
other.sendall(b"@SECRET@")
print("reached", flush=True)
time.sleep(30)
`,
    },
    stopped: { says: { connect: unreachable, tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'neighbour-abstract-socket',
    tries: 'Connects to a name without a file on which a program in another sandbox listens.',
    language: 'python',
    source: python(`${connecting}attempt("connect", lambda: ask(socket.AF_UNIX, b"\\0neighbour-@NONCE@"))`),
    neighbour: {
      when: 'beside',
      language: 'python',
      source: `${whileServing('door = socket.socket(socket.AF_UNIX)\ndoor.bind(b"\\0neighbour-@NONCE@")\ndoor.listen()')}
other, _ = door.accept()
other.sendall(b"@SECRET@")
print("reached", flush=True)
time.sleep(30)
`,
    },
    stopped: { says: { connect: unreachable, tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'neighbour-datagrams',
    tries: 'Sends datagrams to another sandbox.',
    language: 'python',
    source: python(`
import socket
door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
door.settimeout(0.5)
for _ in range(3): quietly(lambda: door.sendto(b"@NONCE@", ("127.0.0.1", 47115)))
quietly(lambda: os.write(1, door.recv(4096)))`),
    neighbour: {
      when: 'beside',
      language: 'python',
      source: `${whileServing('door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ndoor.bind(("127.0.0.1", 47115))')}
_, other = door.recvfrom(4096)
door.sendto(b"@SECRET@", other)
print("reached", flush=True)
time.sleep(30)
`,
    },
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'same-port',
    tries: 'Takes a port that another sandbox has taken, so that one of them cannot.',
    language: 'python',
    source: python(`
import socket, time
attempt("listen", lambda: socket.create_server(("127.0.0.1", 47116), reuse_port=False))
attempt("listen-everywhere", lambda: socket.create_server(("0.0.0.0", 47117), reuse_port=False))
door = socket.socket(socket.AF_UNIX)
attempt("listen-name", lambda: door.bind(b"\\0crucible-attack"))
kept = socket.socket()
attempt("hold", lambda: (kept.bind(("127.0.0.1", 47119)), kept.listen(), time.sleep(1)))`),
    atOnce: 2,
    stopped: {
      says: { listen: ['ok'], 'listen-everywhere': ['ok'], 'listen-name': ['ok'], hold: ['ok'], tried: ['yes'] },
    },
    control: { on: 'process' },
  },
]
