// The WebSocket of this tab: wishes out, frames in; begun again when it breaks.
export class Connection {
  constructor(onFrame, onStatus, onTrouble) {
    Object.assign(this, { onFrame, onStatus, onTrouble });
    this.wait = 500; this.wish = null; this.drawn = 0;
    this.open();
  }

  open() {
    const place = new URL("live", location.href);
    place.protocol = place.protocol.replace("http", "ws");
    place.hash = "";
    const socket = (this.socket = new WebSocket(place));
    socket.binaryType = "arraybuffer";
    this.onStatus("connecting");
    socket.addEventListener("open", () => {
      this.wait = 500; this.onStatus("connected"); this.onTrouble("");
      if (this.wish) socket.send(this.wish);
    });
    socket.addEventListener("message", (event) => this.take(socket, event.data));
    socket.addEventListener("close", () => {
      this.onStatus("not connected");
      if (!this.said) this.onTrouble("The lab does not answer. Is isinglass lab still running? It is asked again every few seconds; a lab that was started anew has a new address.");
      setTimeout(() => this.open(), this.said ? 8000 : this.wait);
      this.wait = Math.min(2 * this.wait, 8000);
    });
  }

  take(socket, data) {
    if (typeof data === "string") {
      this.said = JSON.parse(data).error ?? "";
      this.onTrouble(this.said);
      return;
    }
    this.said = "";
    const n = new DataView(data).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, n)));
    const seen = () => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ view: "seen", frame: header.frame }));
    };
    if (document.hidden) { seen(); return; } // nothing is drawn, but the chain goes on
    const waits = this.latest !== undefined;
    this.latest = [header, new Uint8Array(data, 4 + n), seen]; // only the latest is drawn
    if (waits) return;
    requestAnimationFrame(() => {
      const [drawn, bytes, tell] = this.latest;
      this.latest = undefined;
      tell();
      this.onFrame(drawn, bytes);
    });
  }

  ask(wish) {
    const text = JSON.stringify(document.hidden ? { ...wish, rate: Math.min(wish.rate, 2) } : wish);
    if (text === this.wish) return;
    this.wish = text;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text);
  }
}
