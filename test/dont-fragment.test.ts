// DontFragment, on a network whose packets hold 1500 bytes: a loopback interface in a namespace of its own.
import { expect, test } from "vitest";
import { describePeer, peerPath } from "./peers/describe-peer.js";
import { runProgram } from "./peers/program.js";

describePeer("smallMtu", "where packets hold 1500 bytes", () => {
  const send = (bytes: number, settings: string[]) =>
    runProgram("own-client.mjs", [String(bytes)], { settings, under: [peerPath("smallMtu"), "1500"] });

  const ipv6 = ["UseIPv6=True", "LocalHost=::1"];
  const mapped = ["UseIPv6=True", "LocalHost=127.0.0.1"];

  test.each([
    ["IPv4", []],
    ["IPv6", ipv6],
  ])("a longer datagram arrives in fragments: %s", async (_, settings) => {
    const program = send(3000, settings);
    expect(await program.prints("received")).toBe("3000 bytes");
    expect(await program.exited).toEqual({ code: 0, stderr: "" });
    expect(program.stdout).not.toContain("error");
  });

  test.each([
    ["IPv4", []],
    ["IPv6", ipv6],
    ["IPv4 on a socket of both families", mapped],
    ["IPv4, libuv's handle", ["SocketPath=uv"]],
    ["IPv4, a socket of its own", ["UseConnection=True"]],
  ])("with DontFragment it is Error 10040, and the next one arrives: %s", async (_, settings) => {
    const program = send(3000, ["DontFragment=True", ...settings]);
    expect(await program.prints("error")).toBe("1 [10040] Message too long: sending failed (EMSGSIZE).");
    expect(await program.prints("received")).toBe("0 bytes");
    expect(await program.exited).toEqual({ code: 0, stderr: "" });
  });

  test("with DontFragment one that fits arrives", async () => {
    const program = send(1400, ["DontFragment=True"]);
    expect(await program.prints("received")).toBe("1400 bytes");
    expect(program.stdout).not.toContain("error");
  });
});
