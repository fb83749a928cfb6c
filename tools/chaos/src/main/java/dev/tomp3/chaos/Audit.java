package dev.tomp3.chaos;

import com.icegreen.greenmail.util.GreenMailUtil;
import com.rabbitmq.client.Connection;
import dev.tomp3.chaos.Client.Answer;
import dev.tomp3.chaos.Complaint.Kind;
import dev.tomp3.jobs.queue.Delay;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The account at the end: every upload, every mail, and everything that is left anywhere. */
final class Audit {
    private static final Duration TO_SETTLE = Duration.ofMinutes(2);

    /** Longer than the longest delay queue keeps a wake-up that nobody needs any more. */
    private static final Duration TO_CLEAN = Duration.ofMinutes(11);

    private static final Pattern ANSWERED_5XX =
            Pattern.compile("http_requests_total\\{.*status=\"(5\\d\\d)\".*} ([0-9.E]+)");

    private final Deployed tomp3;
    private final Documents documents;
    private final Ledger ledger;
    private final Client administrator;
    private final List<Path> workDirectories;

    Audit(
            Deployed tomp3,
            Documents documents,
            Ledger ledger,
            Client administrator,
            List<Path> workDirectories) {
        this.tomp3 = tomp3;
        this.documents = documents;
        this.ledger = ledger;
        this.administrator = administrator;
        this.workDirectories = workDirectories;
    }

    /**
     * Complains of everything that is not as it must be.
     *
     * @param garbage how many unreadable messages were sent; no more may be among the dead letters
     */
    void close(int garbage) throws Exception {
        URI gateway = tomp3.gateways().getFirst();
        administrator.login(gateway);
        long start = System.nanoTime();
        for (Upload upload : ledger.all()) {
            if (upload.verified || (upload.deleted && upload.settled())) continue;
            long passed = System.nanoTime() - start;
            Duration rest = TO_SETTLE.minusNanos(passed);
            if (!end(gateway, upload, rest.isNegative() ? Duration.ofSeconds(2) : rest)) {
                ledger.complain(Kind.STUCK, upload, "is still " + upload.status);
            }
        }
        until("owners to be told", () -> documents.unannounced(), TO_SETTLE);
        mails();
        others(gateway);
        until("left in the store", documents::orphans, TO_CLEAN);
        until("left in work directories", this::attempts, TO_CLEAN);
        until("left running", this::processes, TO_CLEAN);
        until("left in queues", this::messages, TO_CLEAN);
        until("still said", this::busy, TO_CLEAN);
        dead(garbage);
        errors();
    }

    /** Whoever owns it: the administrator sees all. */
    private boolean end(URI gateway, Upload upload, Duration patience) throws InterruptedException {
        if (!upload.deleted) return Load.awaitEnd(administrator, gateway, upload, ledger, patience);
        long start = System.nanoTime();
        do {
            try {
                if (Load.look(administrator, gateway, upload, ledger)) return true;
            } catch (IOException e) {
                return false;
            }
            Thread.sleep(100);
        } while (System.nanoTime() - start < patience.toNanos());
        return false;
    }

    /** Waits for a list to be empty; what stays in it is complained of. */
    private void until(String what, Callable<List<String>> list, Duration patience)
            throws Exception {
        long start = System.nanoTime();
        List<String> left = list.call();
        while (!left.isEmpty() && System.nanoTime() - start < patience.toNanos()) {
            Thread.sleep(500);
            left = list.call();
        }
        for (String one : left) ledger.complain(Kind.ORPHANED, what + ": " + one);
    }

    /** Each owner is told once how each job ended, however often the mail was sent. */
    private void mails() throws MessagingException {
        Map<String, String> told = new HashMap<>();
        for (MimeMessage mail : tomp3.mail.getReceivedMessages()) {
            String subject = mail.getSubject();
            String id = mail.getMessageID();
            String before = told.put(id, subject);
            if (before != null && !before.equals(subject)) {
                ledger.complain(
                        Kind.DUPLICATED, "mail %s says %s and %s".formatted(id, before, subject));
            }
        }
        Map<String, Integer> about = new HashMap<>();
        for (MimeMessage mail : tomp3.mail.getReceivedMessages()) {
            if (told.remove(mail.getMessageID()) == null) continue;
            Matcher job =
                    Pattern.compile("Job: ([0-9a-f]{24})").matcher(GreenMailUtil.getBody(mail));
            if (job.find()) about.merge(job.group(1), 1, Integer::sum);
        }
        for (Upload upload : ledger.all()) {
            int count = about.getOrDefault(upload.id, 0);
            if (count > 1) ledger.complain(Kind.DUPLICATED, upload, count + " different mails");
            if (count == 0 && upload.verified && !upload.deleted)
                ledger.complain(Kind.LOST, upload, "its owner was not told");
        }
    }

    /** Jobs whose upload nobody saw answered come to an end as well. */
    private void others(URI gateway) throws IOException, InterruptedException {
        String cursor = "";
        do {
            Answer page = administrator.get(gateway, "/jobs?limit=100" + cursor);
            if (page.status() != 200) {
                ledger.complain(Kind.WRONG, "GET /jobs is answered " + page.status());
                return;
            }
            for (var job : page.json().get("items")) {
                String status = job.get("status").asString();
                if (!ledger.knows(job.get("id").asString())
                        && (status.equals("queued") || status.equals("converting"))) {
                    ledger.complain(Kind.STUCK, "unanswered job " + job);
                }
            }
            String next = page.json().path("next").asString("");
            cursor = next.isEmpty() ? "" : "&cursor=" + next;
        } while (!cursor.isEmpty());
    }

    private List<String> attempts() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path directory : workDirectories) {
            try (Stream<Path> files = Files.walk(directory)) {
                files.filter(file -> file.getFileName().toString().startsWith("attempt-"))
                        .map(Path::toString)
                        .forEach(found::add);
            }
        }
        return found;
    }

    private List<String> processes() {
        return ProcessHandle.allProcesses()
                .filter(this::ours)
                .map(process -> process.pid() + " " + process.info().command().orElse(""))
                .toList();
    }

    /** Its working directory tells whose it is, where the system shows that. */
    private boolean ours(ProcessHandle process) {
        if (!process.info().command().orElse("").contains("ffmpeg")) return false;
        Path link = Path.of("/proc", Long.toString(process.pid()), "cwd");
        try {
            Path directory = Files.readSymbolicLink(link);
            return workDirectories.stream().anyMatch(directory::startsWith);
        } catch (IOException e) {
            return false; // gone, or another system
        }
    }

    private List<String> messages() throws IOException, TimeoutException {
        List<String> found = new ArrayList<>();
        try (Connection connection = LightFaults.broker(tomp3).newConnection();
                var channel = connection.createChannel()) {
            for (String queue : List.of("video", "mp3")) {
                List<String> names = new ArrayList<>(List.of(queue));
                for (Delay delay : Delay.values())
                    names.add(queue + ".retry." + label(delay.duration()));
                for (String name : names) {
                    int count = channel.queueDeclarePassive(name).getMessageCount();
                    if (count > 0) found.add(count + " messages in " + name);
                }
            }
        }
        return found;
    }

    private static String label(Duration delay) {
        return delay.toString().substring(2).toLowerCase(Locale.ROOT);
    }

    private void dead(int garbage) throws IOException, TimeoutException {
        int dead = 0;
        try (Connection connection = LightFaults.broker(tomp3).newConnection();
                var channel = connection.createChannel()) {
            for (String queue : List.of("video.dead", "mp3.dead"))
                dead += channel.queueDeclarePassive(queue).getMessageCount();
        }
        if (dead > garbage)
            ledger.complain(
                    Kind.ORPHANED,
                    "%d dead letters of %d unreadable ones".formatted(dead, garbage));
    }

    /** What the services say of themselves fits what is: nobody is at anything. */
    private List<String> busy() throws IOException, InterruptedException {
        List<String> found = new ArrayList<>();
        for (Instance instance : tomp3.instances) {
            instance.metrics()
                    .lines()
                    .filter(line ->
                            line.startsWith("jobs_unsettled")
                                    || line.startsWith("converter_workers_busy"))
                    .filter(line -> !line.endsWith(" 0.0"))
                    .forEach(line -> found.add(instance + " says " + line));
        }
        return found;
    }

    private void errors() throws IOException, InterruptedException {
        for (Instance instance : tomp3.instances) {
            instance.metrics()
                    .lines()
                    .map(ANSWERED_5XX::matcher)
                    .filter(Matcher::matches)
                    .filter(line -> !line.group(1).equals("503"))
                    .forEach(line ->
                            ledger.complain(Kind.WRONG, instance + " counts " + line.group()));
        }
    }
}
