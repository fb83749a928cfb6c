import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tries to exhaust a running system with what one stranger or one user can send, and prints what
 * becomes of it and of another user meanwhile. The attacker comes from 127.0.0.1, the other user
 * from 127.0.0.2. Registration must be open.
 *
 * <pre>
 * java tools/attacks/Attacks.java http://127.0.0.1:8080 trickle|transfers|logins|bombs|disk [FILE]
 * </pre>
 *
 * FILE is a video or audio file: for {@code bombs}, for example 12 hours of silence as FLAC.
 */
final class Attacks {
    private static final Duration RUN = Duration.ofSeconds(60);
    private static final String PASSWORD = "a long and unusual password";

    private final URI base;
    private final int port;

    private Attacks(URI base) {
        this.base = base;
        this.port = base.getPort();
    }

    public static void main(String[] arguments) throws Exception {
        Attacks attacks = new Attacks(URI.create(arguments[0]));
        Path file = arguments.length > 2 ? Path.of(arguments[2]) : Path.of("samples/test.mp4");
        switch (arguments[1]) {
            case "trickle" -> attacks.trickle(3000);
            case "transfers" -> attacks.transfers(200, 300, file);
            case "logins" -> attacks.logins(100);
            case "bombs" -> attacks.bombs(20, file);
            case "disk" -> attacks.disk(20, file);
            default -> throw new IllegalArgumentException(arguments[1]);
        }
        System.exit(0);
    }

    // ---- anonymous connections whose bodies arrive byte by byte

    private void trickle(int count) throws Exception {
        Person other = new Person("127.0.0.2");
        System.out.println("another user's login before: " + time(other::login));
        List<Socket> sockets = connect(count, "POST /login", "Content-Length: 16000\r\n\r\n");
        Probe probe = new Probe("another user's login", other::login);
        long end = System.nanoTime() + RUN.toNanos();
        while (System.nanoTime() < end) {
            int open = 0;
            for (Socket socket : sockets) if (sendByte(socket)) open++;
            System.out.printf("%d of %d connections are open%n", open, count);
            probe.once();
            Thread.sleep(5000);
        }
        probe.print();
    }

    private List<Socket> connect(int count, String request, String rest) {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            try {
                Socket socket = new Socket();
                socket.connect(new java.net.InetSocketAddress("127.0.0.1", port), 1000);
                sockets.add(socket);
                write(socket, request + " HTTP/1.1\r\nHost: localhost\r\n" + rest);
            } catch (IOException e) {
                // closed at once
            }
        }
        return sockets;
    }

    private static boolean sendByte(Socket socket) {
        try {
            socket.setSoTimeout(1);
            if (socket.getInputStream().available() == 0) {
                socket.getOutputStream().write('x');
                return socket.getInputStream().read() >= 0;
            }
            byte[] answer = new byte[8192];
            return socket.getInputStream().read(answer) >= 0;
        } catch (java.net.SocketTimeoutException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    // ---- slow uploads and downloads of one user

    private void transfers(int uploads, int downloads, Path file) throws Exception {
        Person attacker = new Person("127.0.0.1");
        Person other = new Person("127.0.0.2");
        String job = attacker.upload(file, "bitrate", "320");
        System.out.println("the attacker's own job is " + attacker.await(job));
        Probe usual = new Probe("another user's conversion before", () -> other.convert(file));
        for (int i = 0; i < 3; i++) usual.once();
        usual.print();
        Map<String, AtomicInteger> answers = new ConcurrentHashMap<>();
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < uploads; i++) {
            Socket socket = new Socket("127.0.0.1", port);
            slow.add(socket);
            write(
                    socket,
                    "POST /upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                            + attacker.token
                            + "\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n");
            chunk(
                    socket,
                    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\n"
                            + "\0\0\0\40ftypisom\0\0\2\0isomiso2avc1mp41"
                            + "x".repeat(2000));
        }
        for (int i = 0; i < downloads; i++) {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(2048);
            try {
                socket.connect(new java.net.InetSocketAddress("127.0.0.1", port), 1000);
                slow.add(socket);
                write(
                        socket,
                        "GET /download?fid="
                                + job
                                + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                                + attacker.token
                                + "\r\n\r\n");
            } catch (IOException e) {
                count(answers, "closed at once");
            }
        }
        Probe during = new Probe("another user's conversion during", () -> other.convert(file));
        long end = System.nanoTime() + RUN.toNanos();
        boolean first = true;
        while (System.nanoTime() < end) {
            int open = 0;
            for (Socket socket : slow) {
                String answer = slowly(socket);
                if (answer.equals("open")) open++;
                else if (first) count(answers, answer);
            }
            System.out.printf("%d slow transfers are open, answers %s%n", open, answers);
            first = false;
            during.once();
            Thread.sleep(2000);
        }
        during.print();
    }

    /** Reads a little, and sends a byte of a chunk; "open", or what the server answered. */
    private static String slowly(Socket socket) {
        try {
            socket.setSoTimeout(1);
            byte[] some = new byte[1024];
            int read;
            try {
                read = socket.getInputStream().read(some);
            } catch (java.net.SocketTimeoutException e) {
                chunk(socket, "x");
                return "open";
            }
            if (read < 0) return "closed";
            String text = new String(some, 0, read, StandardCharsets.ISO_8859_1);
            if (!text.startsWith("HTTP/1.1") || text.startsWith("HTTP/1.1 200")) return "open";
            return text.substring(9, 12);
        } catch (IOException e) {
            return "closed";
        }
    }

    // ---- right passwords, again and again

    private void logins(int loops) throws Exception {
        Person attacker = new Person("127.0.0.1");
        Person other = new Person("127.0.0.2");
        Map<String, AtomicInteger> answers = new ConcurrentHashMap<>();
        long end = System.nanoTime() + RUN.toNanos();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        for (int i = 0; i < loops; i++) {
            threads.submit(() -> {
                while (System.nanoTime() < end) {
                    try {
                        count(answers, "" + attacker.login());
                    } catch (IOException e) {
                        count(answers, "no answer");
                    }
                }
                return null;
            });
        }
        Probe probe = new Probe("another user's login", other::login);
        while (System.nanoTime() < end) {
            probe.once();
            Thread.sleep(3000);
        }
        System.out.println("the attacker's logins: " + answers);
        probe.print();
    }

    // ---- small files that become large

    private void bombs(int count, Path file) throws Exception {
        Person attacker = new Person("127.0.0.1");
        List<String> jobs = new ArrayList<>();
        for (int i = 0; i < count; i++) jobs.add(attacker.upload(file, "bitrate", "320"));
        System.out.printf("%d uploads of %d bytes%n", jobs.size(), Files.size(file));
        long bytes = 0;
        Map<String, Integer> ends = new TreeMap<>();
        for (String job : jobs) {
            String end = attacker.await(job);
            ends.merge(end, 1, Integer::sum);
            Matcher size = Pattern.compile("\"mp3_bytes\":(\\d+)").matcher(attacker.get("/jobs/" + job));
            if (size.find()) bytes += Long.parseLong(size.group(1));
        }
        System.out.printf("%s, MP3s of %d bytes%n", ends, bytes);
    }

    // ---- uploads of unknown length on a small disk

    private void disk(int count, Path file) throws Exception {
        Person attacker = new Person("127.0.0.1");
        Person other = new Person("127.0.0.2");
        Map<String, AtomicInteger> answers = new ConcurrentHashMap<>();
        byte[] video = Files.readAllBytes(file);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < count; i++) {
                threads.submit(() -> {
                    try {
                        count(answers, attacker.chunked(video, 200 << 20));
                    } catch (IOException e) {
                        count(answers, "connection closed");
                    }
                    return null;
                });
            }
        }
        System.out.println("the attacker's uploads: " + answers);
        System.out.println("another user's login: " + other.login());
        System.out.println("another user's jobs: " + other.status("/jobs"));
        System.out.println("health: " + other.get("/health"));
    }

    // ----

    private interface Action {
        int run() throws Exception;
    }

    private static String time(Action action) throws Exception {
        long start = System.nanoTime();
        int status = action.run();
        return "%d in %d ms".formatted(status, (System.nanoTime() - start) / 1_000_000);
    }

    private static final class Probe {
        private final String name;
        private final Action action;
        private final List<Long> millis = new ArrayList<>();
        private final Map<Integer, Integer> statuses = new TreeMap<>();

        Probe(String name, Action action) {
            this.name = name;
            this.action = action;
        }

        void once() {
            long start = System.nanoTime();
            int status;
            try {
                status = action.run();
            } catch (Exception e) {
                status = 0;
            }
            millis.add((System.nanoTime() - start) / 1_000_000);
            statuses.merge(status, 1, Integer::sum);
        }

        void print() {
            List<Long> sorted = millis.stream().sorted().toList();
            System.out.printf(
                    "%s: statuses %s, median %d ms, slowest %d ms%n",
                    name, statuses, sorted.get(sorted.size() / 2), sorted.getLast());
        }
    }

    private static void count(Map<String, AtomicInteger> counts, String what) {
        counts.computeIfAbsent(what, _ -> new AtomicInteger()).incrementAndGet();
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void chunk(Socket socket, String text) throws IOException {
        write(socket, Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    /** A new user, who comes from an address of his own. */
    private final class Person {
        private final HttpClient http;
        private final String name;
        private final String token;

        Person(String address) throws Exception {
            http =
                    HttpClient.newBuilder()
                            .localAddress(InetAddress.ofLiteral(address))
                            .version(HttpClient.Version.HTTP_1_1)
                            .build();
            name = "user" + System.nanoTime() + "@example.org";
            HttpResponse<String> registered =
                    send(
                            request("/register")
                                    .header("Content-Type", "application/json")
                                    .POST(
                                            BodyPublishers.ofString(
                                                    "{\"email\":\"%s\",\"password\":\"%s\"}"
                                                            .formatted(name, PASSWORD))));
            if (registered.statusCode() != 201)
                throw new IllegalStateException("register: " + registered.body());
            token = send(loginRequest()).body();
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(120));
        }

        private HttpRequest.Builder loginRequest() {
            String basic = name + ":" + PASSWORD;
            return request("/login")
                    .header(
                            "Authorization",
                            "Basic " + Base64.getEncoder().encodeToString(basic.getBytes()))
                    .POST(BodyPublishers.noBody());
        }

        private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
            try {
                return http.send(request.build(), BodyHandlers.ofString());
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        int login() throws IOException {
            return send(loginRequest()).statusCode();
        }

        int status(String path) throws IOException {
            return send(request(path).header("Authorization", "Bearer " + token)).statusCode();
        }

        String get(String path) throws IOException {
            return send(request(path).header("Authorization", "Bearer " + token)).body();
        }

        String upload(Path file, String... option) throws IOException {
            StringBuilder head = new StringBuilder();
            for (int i = 0; i < option.length; i += 2)
                head.append(
                        "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                                .formatted(option[i], option[i + 1]));
            head.append(
                    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n"
                            .formatted(file.getFileName()));
            HttpResponse<String> answer =
                    send(
                            request("/upload")
                                    .header("Authorization", "Bearer " + token)
                                    .header("Content-Type", "multipart/form-data; boundary=b")
                                    .POST(
                                            BodyPublishers.concat(
                                                    BodyPublishers.ofString(head.toString()),
                                                    BodyPublishers.ofFile(file),
                                                    BodyPublishers.ofString("\r\n--b--\r\n"))));
            Matcher id = Pattern.compile("\"id\":\"([0-9a-f]{24})\"").matcher(answer.body());
            if (!id.find()) throw new IOException(answer.statusCode() + " " + answer.body());
            return id.group(1);
        }

        /** Waits until the job is settled; its status, and the code of its failure. */
        String await(String job) throws IOException, InterruptedException {
            while (true) {
                String body = get("/jobs/" + job);
                Matcher status =
                        Pattern.compile("\"status\":\"(done|failed|cancelled)\"").matcher(body);
                if (status.find()) {
                    Matcher code = Pattern.compile("\"code\":\"([a-z-]+)\"").matcher(body);
                    return status.group(1) + (code.find() ? " " + code.group(1) : "");
                }
                Thread.sleep(200);
            }
        }

        int convert(Path file) throws IOException, InterruptedException {
            String job = upload(file);
            return await(job).equals("done") ? 200 : 500;
        }

        /** Sends a file again and again as one upload of unknown length. */
        String chunked(byte[] video, long bytes) throws IOException {
            InputStream endless =
                    new InputStream() {
                        private long at;

                        @Override
                        public int read() {
                            return at >= bytes ? -1 : video[(int) (at++ % video.length)] & 0xff;
                        }
                    };
            HttpResponse<String> answer =
                    send(
                            request("/upload")
                                    .header("Authorization", "Bearer " + token)
                                    .header("Content-Type", "multipart/form-data; boundary=b")
                                    .POST(
                                            BodyPublishers.concat(
                                                    BodyPublishers.ofString(
                                                            "--b\r\nContent-Disposition:"
                                                                    + " form-data; name=\"file\";"
                                                                    + " filename=\"a.mp4\"\r\n\r\n"),
                                                    BodyPublishers.ofInputStream(() -> endless),
                                                    BodyPublishers.ofString("\r\n--b--\r\n"))));
            Matcher type = Pattern.compile("urn:tomp3:([a-z-]+)").matcher(answer.body());
            return answer.statusCode() + (type.find() ? " " + type.group(1) : "");
        }
    }
}
