import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A DTLS 1.2 client over JSSE, driven line by line: one connection at a time, no verification of the server.
 * "--no-ems" keeps it from offering extended_master_secret, for as long as it runs.
 *
 * <pre>
 *   connect HOST PORT SUITE  -> connected suite=NAME resumed=yes|no port=PORT, or failed TEXT
 *   resume HOST PORT SUITE   -> the same, offering the session of the last connection
 *   send HEX                 -> sent BYTES
 *   bye                      -> closed by=client
 * </pre>
 *
 * and, whenever it happens: data HEX, closed by=server, error TEXT. It ends, without a word to the server, when
 * its standard input does.
 */
final class DtlsClient {
  private static final long HANDSHAKE_LIMIT = TimeUnit.SECONDS.toNanos(15);
  private static final long RETRANSMISSION_MS = 1000;
  private static final String END_OF_INPUT = "";

  private final Queue<String> commands = new ConcurrentLinkedQueue<>();
  private final Selector selector = Selector.open();
  private SSLContext context;
  private Connection connection;

  private DtlsClient() throws IOException {}

  public static void main(String[] arguments) throws IOException {
    // Old suites are what the test is for.
    Security.setProperty("jdk.tls.disabledAlgorithms", "");
    if (arguments.length == 1 && arguments[0].equals("--no-ems")) {
      System.setProperty("jdk.tls.useExtendedMasterSecret", "false");
    }
    DtlsClient client = new DtlsClient();
    Thread input = new Thread(client::readCommands, "standard input");
    input.setDaemon(true);
    input.start();
    client.run();
  }

  private void readCommands() {
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try {
      for (String line; (line = input.readLine()) != null; ) {
        commands.add(line);
        selector.wakeup();
      }
    } catch (IOException error) {
      say("error " + error);
    }
    commands.add(END_OF_INPUT);
    selector.wakeup();
  }

  private void run() throws IOException {
    while (true) {
      for (String line; (line = commands.poll()) != null; ) {
        if (line.equals(END_OF_INPUT)) {
          return;
        }
        obey(line.split(" "));
      }
      selector.select();
      selector.selectedKeys().clear();
      if (connection != null) {
        receive();
      }
    }
  }

  private void obey(String[] words) throws IOException {
    if (words[0].equals("connect") || words[0].equals("resume")) {
      connect(words);
      return;
    }
    if (connection == null) {
      say("error no connection");
      return;
    }
    switch (words[0]) {
      case "send" -> {
        byte[] bytes = HexFormat.of().parseHex(words.length > 1 ? words[1] : "");
        connection.send(bytes);
        say("sent " + bytes.length);
      }
      case "bye" -> {
        connection.close();
        connection = null;
        say("closed by=client");
      }
      default -> throw new IOException("no such command: " + words[0]);
    }
  }

  private void connect(String[] words) throws IOException {
    if (connection != null) {
      connection.close();
      connection = null;
    }
    try {
      if (context == null || words[0].equals("connect")) {
        context = newContext();
      }
      InetSocketAddress server = new InetSocketAddress(words[1], Integer.parseInt(words[2]));
      Connection next = new Connection(context, selector, server, words[3]);
      next.handshake();
      connection = next;
      say(next.describe());
    } catch (GeneralSecurityException | IOException | IllegalArgumentException error) {
      say("failed " + error);
    }
  }

  private void receive() throws IOException {
    try {
      connection.receive();
    } catch (SSLException error) {
      say("error " + error);
    }
    if (connection.isOver()) {
      connection.close();
      connection = null;
      say("closed by=server");
    }
  }

  /** A context of its own has no sessions of others to offer. */
  private static SSLContext newContext() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("DTLSv1.2");
    context.init(null, new TrustManager[] {new TrustingManager()}, null);
    return context;
  }

  private static void say(String line) {
    System.out.println(line);
  }

  private static final class Connection {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine engine;
    private final DatagramChannel channel = DatagramChannel.open();
    private final Selector selector;
    private final ByteBuffer incoming = ByteBuffer.allocate(65536);
    private final ByteBuffer outgoing = ByteBuffer.allocate(65536);
    private final ByteBuffer data = ByteBuffer.allocate(65536);
    private final int certificatesSeenBefore = TrustingManager.certificatesSeen;

    Connection(SSLContext context, Selector selector, InetSocketAddress server, String suite)
        throws IOException {
      this.selector = selector;
      channel.configureBlocking(false);
      channel.connect(server);
      channel.register(selector, SelectionKey.OP_READ);
      incoming.flip();
      // The name is what sessions are kept under.
      engine = context.createSSLEngine(server.getHostString(), server.getPort());
      engine.setUseClientMode(true);
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setCipherSuites(new String[] {suite});
      parameters.setProtocols(new String[] {"DTLSv1.2"});
      parameters.setMaximumPacketSize(1400);
      engine.setSSLParameters(parameters);
    }

    void handshake() throws IOException {
      long limit = System.nanoTime() + HANDSHAKE_LIMIT;
      engine.beginHandshake();
      while (true) {
        switch (engine.getHandshakeStatus()) {
          case NEED_TASK -> engine.getDelegatedTask().run();
          case NEED_WRAP -> wrap(NOTHING);
          case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrapNext(limit);
          case FINISHED, NOT_HANDSHAKING -> {
            return;
          }
        }
      }
    }

    /** JSSE keeps no time of its own: a flight without an answer is wrapped once more. */
    private void unwrapNext(long limit) throws IOException {
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP_AGAIN) {
        unwrap(NOTHING);
        return;
      }
      if (read()) {
        unwrap(incoming);
        return;
      }
      if (System.nanoTime() > limit) {
        throw new SSLException("timed out");
      }
      long before = System.nanoTime();
      selector.select(RETRANSMISSION_MS);
      selector.selectedKeys().clear();
      if (System.nanoTime() - before >= TimeUnit.MILLISECONDS.toNanos(RETRANSMISSION_MS)) {
        wrap(NOTHING);
      }
    }

    /** True if there is something to unwrap. */
    private boolean read() throws IOException {
      if (incoming.hasRemaining()) {
        return true;
      }
      incoming.clear();
      channel.read(incoming);
      incoming.flip();
      return incoming.hasRemaining();
    }

    private void unwrap(ByteBuffer records) throws IOException {
      data.clear();
      SSLEngineResult result = engine.unwrap(records, data);
      if (result.bytesConsumed() == 0 && result.getHandshakeStatus() != HandshakeStatus.NEED_TASK) {
        records.position(records.limit());
      }
      if (result.bytesProduced() > 0) {
        say("data " + HexFormat.of().formatHex(data.array(), 0, result.bytesProduced()));
      }
    }

    private void wrap(ByteBuffer bytes) throws IOException {
      outgoing.clear();
      engine.wrap(bytes, outgoing);
      outgoing.flip();
      if (outgoing.hasRemaining()) {
        channel.write(outgoing);
      }
    }

    void receive() throws IOException {
      while (!engine.isInboundDone() && read()) {
        unwrap(incoming);
        while (!engine.isOutboundDone() && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
          wrap(NOTHING);
        }
      }
    }

    void send(byte[] bytes) throws IOException {
      wrap(ByteBuffer.wrap(bytes));
    }

    boolean isOver() {
      return engine.isInboundDone();
    }

    void close() throws IOException {
      engine.closeOutbound();
      while (!engine.isOutboundDone()) {
        wrap(NOTHING);
      }
      channel.close();
      // Only a selection forgets a channel that has closed.
      selector.selectNow();
    }

    String describe() throws IOException {
      // A resumed handshake shows no certificate.
      boolean resumed = TrustingManager.certificatesSeen == certificatesSeenBefore;
      int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
      String suite = engine.getSession().getCipherSuite();
      return "connected suite=" + suite + " resumed=" + (resumed ? "yes" : "no") + " port=" + port;
    }
  }

  private static final class TrustingManager extends X509ExtendedTrustManager {
    static int certificatesSeen;

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      certificatesSeen++;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
      certificatesSeen++;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      certificatesSeen++;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
