package dev.tomp3.chaos;

import com.icegreen.greenmail.util.GreenMailUtil;
import com.rabbitmq.client.Connection;
import dev.tomp3.chaos.Client.Answer;
import dev.tomp3.chaos.Violation.Kind;
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
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The final audit: every upload, every mail, every message to a webhook, and everything that was
 * left behind.
 */
final class Audit {
    /** Longer than the pause after the fourth failure of a job, ten minutes. */
    private static final Duration SETTLE_TIMEOUT = Duration.ofMinutes(12);

    /** Longer than the longest delay queue holds an obsolete message. */
    private static final Duration CLEANUP_TIMEOUT = Duration.ofMinutes(11);

    private static final Pattern ANSWERED_5XX =
            Pattern.compile("http_requests_total\\{.*status=\"(5\\d\\d)\".*} ([0-9.E]+)");

    private final Deployment tomp3;
    private final Database database;
    private final Ledger ledger;
    private final Client administrator;
    private final List<Path> workDirectories;

    Audit(
            Deployment tomp3,
            Database database,
            Ledger ledger,
            Client administrator,
            List<Path> workDirectories) {
        this.tomp3 = tomp3;
        this.database = database;
        this.ledger = ledger;
        this.administrator = administrator;
        this.workDirectories = workDirectories;
    }

    /**
     * Reports every violation.
     *
     * @param garbage how many unreadable messages were sent: the maximum number of dead letters
     */
    void run(int garbage) throws Exception {
        URI gateway = tomp3.gateways().getFirst();
        administrator.login(gateway);
        long start = System.nanoTime();
        for (Upload upload : ledger.all()) {
            if (upload.verified || (upload.deleted && upload.settled())) continue;
            long passed = System.nanoTime() - start;
            Duration rest = SETTLE_TIMEOUT.minusNanos(passed);
            if (!awaitEnd(gateway, upload, rest.isNegative() ? Duration.ofSeconds(2) : rest)) {
                ledger.report(Kind.LOST, upload, "is still " + upload.status);
            }
        }
        until("owner not notified", () -> database.unnotified(), SETTLE_TIMEOUT);
        checkMails();
        until("delivery not settled", database::undelivered, CLEANUP_TIMEOUT);
        checkWebhooks();
        for (String job : waited(() -> unknownJobs(gateway), CLEANUP_TIMEOUT))
            ledger.report(Kind.STUCK, "job of an upload without an answer: " + job);
        until("left in the store", database::orphans, CLEANUP_TIMEOUT);
        until("left in work directories", this::attempts, CLEANUP_TIMEOUT);
        until("left running", this::processes, CLEANUP_TIMEOUT);
        until("left in queues", this::messages, CLEANUP_TIMEOUT);
        until("metric not reset", this::busy, CLEANUP_TIMEOUT);
        checkDeadLetters(garbage);
        checkServerErrors();
    }

    /** Waits for the end of an upload of any user, as the administrator. */
    private boolean awaitEnd(URI gateway, Upload upload, Duration timeout)
            throws InterruptedException {
        if (!upload.deleted) return Load.awaitEnd(administrator, gateway, upload, ledger, timeout);
        long start = System.nanoTime();
        do {
            try {
                if (Load.check(administrator, gateway, upload, ledger)) return true;
            } catch (IOException e) {
                return false;
            }
            Thread.sleep(100);
        } while (System.nanoTime() - start < timeout.toNanos());
        return false;
    }

    /** Waits for a list to become empty, and reports what remains in it. */
    private void until(String what, Callable<List<String>> list, Duration timeout)
            throws Exception {
        for (String one : waited(list, timeout)) ledger.report(Kind.ORPHANED, what + ": " + one);
    }

    /** Waits for a list to become empty, and returns what remains in it. */
    private static List<String> waited(Callable<List<String>> list, Duration timeout)
            throws Exception {
        long start = System.nanoTime();
        List<String> left = list.call();
        while (!left.isEmpty() && System.nanoTime() - start < timeout.toNanos()) {
            Thread.sleep(500);
            left = list.call();
        }
        return left;
    }

    /** Each owner is notified once about each job, under one Message-ID. */
    private void checkMails() throws MessagingException {
        Map<String, String> subjects = new HashMap<>();
        for (MimeMessage mail : tomp3.mail.getReceivedMessages()) {
            String subject = mail.getSubject();
            String id = mail.getMessageID();
            String before = subjects.put(id, subject);
            if (before != null && !before.equals(subject)) {
                ledger.report(
                        Kind.DUPLICATED,
                        "mail %s has the subjects %s and %s".formatted(id, before, subject));
            }
        }
        Map<String, Integer> about = new HashMap<>();
        for (MimeMessage mail : tomp3.mail.getReceivedMessages()) {
            if (subjects.remove(mail.getMessageID()) == null) continue;
            Matcher job =
                    Pattern.compile("Job: ([0-9a-f]{24})").matcher(GreenMailUtil.getBody(mail));
            if (job.find()) about.merge(job.group(1), 1, Integer::sum);
        }
        for (Upload upload : ledger.all()) {
            int count = about.getOrDefault(upload.id, 0);
            if (count > 1) ledger.report(Kind.DUPLICATED, upload, count + " different mails");
            if (count == 0 && upload.verified && !upload.deleted && !upload.restored)
                ledger.report(Kind.LOST, upload, "its owner was not notified");
        }
    }

    /** Each webhook is told about each job, under one id. */
    private void checkWebhooks() {
        for (Upload upload : ledger.all()) {
            if (!tomp3.webhooks.hasWebhook(upload.user)) continue;
            int count = tomp3.webhooks.messagesAbout(upload.id).size();
            if (count > 1)
                ledger.report(Kind.DUPLICATED, upload, count + " different messages to a webhook");
            if (count == 0 && upload.verified && !upload.deleted && !upload.restored)
                ledger.report(Kind.LOST, upload, "its owner's webhook was not told");
        }
    }

    /** Jobs whose upload was not answered must end as well. */
    private List<String> unknownJobs(URI gateway) throws IOException, InterruptedException {
        List<String> found = new ArrayList<>();
        String cursor = "";
        do {
            Answer page = administrator.get(gateway, "/jobs?limit=100" + cursor);
            if (page.status() != 200) {
                ledger.report(Kind.WRONG, "GET /jobs returns " + page.status());
                return List.of();
            }
            for (var job : page.json().get("items")) {
                String status = job.get("status").asString();
                if (!ledger.knows(job.get("id").asString())
                        && Set.of("uploading", "queued", "converting").contains(status)) {
                    found.add(job.toString());
                }
            }
            String next = page.json().path("next").asString("");
            cursor = next.isEmpty() ? "" : "&cursor=" + next;
        } while (!cursor.isEmpty());
        return found;
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
                .filter(this::isOwn)
                .map(process -> process.pid() + " " + process.info().command().orElse(""))
                .toList();
    }

    /** Recognises an ffmpeg of this run by its working directory, where {@code /proc} exists. */
    private boolean isOwn(ProcessHandle process) {
        if (!process.info().command().orElse("").contains("ffmpeg")) return false;
        Path link = Path.of("/proc", Long.toString(process.pid()), "cwd");
        try {
            Path directory = Files.readSymbolicLink(link);
            return workDirectories.stream().anyMatch(directory::startsWith);
        } catch (IOException e) {
            return false; // the process has ended, or there is no /proc
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

    private void checkDeadLetters(int garbage) throws IOException, TimeoutException {
        int dead = 0;
        try (Connection connection = LightFaults.broker(tomp3).newConnection();
                var channel = connection.createChannel()) {
            for (String queue : List.of("video.dead", "mp3.dead"))
                dead += channel.queueDeclarePassive(queue).getMessageCount();
        }
        if (dead > garbage)
            ledger.report(
                    Kind.ORPHANED,
                    "%d dead letters, %d unreadable messages were sent".formatted(dead, garbage));
    }

    /** The gauges must be 0 when nothing is left to do. */
    private List<String> busy() throws IOException, InterruptedException {
        List<String> found = new ArrayList<>();
        for (Instance instance : tomp3.instances) {
            instance.metrics()
                    .lines()
                    .filter(line ->
                            line.startsWith("jobs_unsettled")
                                    || line.startsWith("converter_workers_busy"))
                    .filter(line -> !line.endsWith(" 0.0"))
                    .forEach(line -> found.add(instance + " " + line));
        }
        return found;
    }

    private void checkServerErrors() throws IOException, InterruptedException {
        for (Instance instance : tomp3.instances) {
            instance.metrics()
                    .lines()
                    .map(ANSWERED_5XX::matcher)
                    .filter(Matcher::matches)
                    .filter(line -> !ledger.isExpected(Integer.parseInt(line.group(1))))
                    .forEach(line -> ledger.report(Kind.WRONG, instance + " " + line.group()));
        }
    }
}
