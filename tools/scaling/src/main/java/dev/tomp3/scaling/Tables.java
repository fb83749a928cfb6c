package dev.tomp3.scaling;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The tables of docs/scaling.md, by name. */
final class Tables {
    private final Parameters p;
    private final List<Step> steps;

    Tables(Parameters parameters) {
        p = parameters;
        steps = Step.all(parameters);
    }

    Map<String, String> all() {
        Map<String, String> tables = new LinkedHashMap<>();
        tables.put("parameters", parameters());
        tables.put("mix", mix());
        tables.put("traffic", traffic());
        tables.put("requests", requests());
        tables.put("needs", needs());
        tables.put("limits", limits());
        tables.put("petabyte", petabyte());
        tables.putAll(new SimulationTables(p, steps).all());
        return tables;
    }

    private String parameters() {
        Markdown table = new Markdown("what", "value", "unit", "source");
        for (Parameters.Parameter each : p.all())
            table.row(each.name(), each.value(), each.unit(), each.source());
        return table.toString();
    }

    private String mix() {
        Markdown table = new Markdown("a job", "median", "mean");
        table.row("audio, s", p.median(), p.meanSeconds());
        table.row("video, MB", p.median() * p.media().value() / 1e3, p.videoBytes() / 1e6);
        table.row("MP3, MB", p.median() * p.mp3().value() / 1e3, p.mp3Bytes() / 1e6);
        table.row("converter, core-s", p.work(p.median()), p.meanWork());
        return table.toString();
    }

    private Markdown stepTable() {
        return new Markdown(cells("", Step::name));
    }

    private Object[] cells(String what, Function<Step, Object> cell) {
        Object[] cells = new Object[steps.size() + 1];
        cells[0] = what;
        for (int i = 0; i < steps.size(); i++) cells[i + 1] = cell.apply(steps.get(i));
        return cells;
    }

    private String traffic() {
        Markdown table = stepTable();
        table.row(cells("cores of converters", step -> (double) step.cores()));
        table.row(cells("memory of converters, GB", step -> step.converterBytes() / 1e9));
        table.row(cells("uploads a day", Step::uploadsPerDay));
        table.row(cells("video a month, TB", step -> step.bytesPerMonth() / 1e12));
        table.row(cells("uploads a second", Step::peakRate));
        table.row(cells("uploads in progress", Step::uploading));
        table.row(cells("running jobs", Step::converting));
        table.row(cells("into gateways, Gbit/s", step -> gigabits(step.videoIn())));
        table.row(
                cells(
                        "into MongoDB's primaries, Gbit/s",
                        step -> step.members() == 0 ? 0 : gigabits(step.gateways())));
        table.row(cells("out of primaries, Gbit/s", step -> gigabits(step.primariesOut())));
        table.row(cells("into converters, Gbit/s", step -> gigabits(step.videoIn())));
        table.row(
                cells("chunks written a second", step -> step.members() == 0 ? 0 : step.chunks()));
        table.row(
                cells(
                        "oplog, GB an hour",
                        step -> step.members() == 0 ? 0 : step.gateways() * 3600 / 1e9));
        table.row(
                cells(
                        "media on disk, all members, TB",
                        step -> step.stored() * Math.max(1, step.members()) / 1e12));
        table.row(cells("documents in `jobs`, million", step -> step.remembered() / 1e6));
        table.row(cells("cores of gateways", Step::gatewayCores));
        table.row(cells("cores of each member, all shards", Step::memberCores));
        return table.toString();
    }

    private static double gigabits(double bytes) {
        return bytes * 8 / 1e9;
    }

    private String requests() {
        Markdown table = stepTable();
        table.row(cells("messages published a second", Step::messages));
        table.row(cells("heartbeats, writes a second", Step::heartbeats));
        table.row(cells("all small writes a second", Step::writes));
        table.row(cells("jobs polled by clients a second", Step::polls));
        table.row(cells("jobs read by claims a second", Step::listedByClaims));
        table.row(
                cells(
                        "the same, MB/s",
                        step ->
                                Markdown.times(
                                        step.listedByClaims() * p.jobBytes().value() / 1e6)));
        table.row(cells("jobs listed by the sweep a second", Step::listedBySweep));
        table.row(
                cells("lock checks of processes that do not sweep, a second", Step::idleSweepers));
        table.row(cells("logins a second", Step::logins));
        return table.toString();
    }

    private String needs() {
        Markdown table = stepTable();
        for (int i = 0; i < steps.getFirst().needs().size(); i++) {
            int row = i;
            table.row(
                    cells(
                            steps.getFirst().needs().get(row).what(),
                            step -> Markdown.times(step.needs().get(row).ones())));
        }
        return table.toString();
    }

    /** The converters at which each part that exists only once is saturated. */
    private String limits() {
        Markdown table =
                new Markdown(
                        "part that exists once",
                        "saturated at this number of converters",
                        "grows with the");
        steps.getFirst().needs().stream()
                .filter(need -> !need.divides() && need(need.what(), 1) > 0)
                .map(Step.Need::what)
                .sorted(Comparator.comparingDouble(this::fullAt))
                .forEach(what -> {
                    double twice = need(what, 20_000) / need(what, 10_000);
                    table.row(what, fullAt(what), twice > 3 ? "square of it" : "number");
                });
        return table.toString();
    }

    private double fullAt(String what) {
        int low = 1;
        int high = 10_000_000;
        while (low < high) {
            int middle = (low + high) / 2;
            if (need(what, middle) < 1) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private double need(String what, int converters) {
        return Step.full("", p, converters, converters, 3).needs().stream()
                .filter(need -> need.what().equals(what))
                .findFirst()
                .orElseThrow()
                .ones();
    }

    private String petabyte() {
        Map<String, Double> media = new LinkedHashMap<>();
        media.put("1080p, 4.7 Mbit/s", 4.7e3 / 8);
        media.put("720p, 2.1 Mbit/s", p.media().value());
        media.put("360p, 0.8 Mbit/s", 0.8e3 / 8);
        media.put("audio, 128 kbit/s", 16.0);
        media.put("speech, 32 kbit/s", 4.0);
        Markdown table =
                new Markdown(
                        "1 PB a month of",
                        "uploads a day",
                        "hours of audio a day",
                        "converters",
                        "network in, Gbit/s");
        media.forEach((name, rate) -> {
            Step step = Step.petabyte(Parameters.withMedia(rate));
            table.row(
                    name,
                    step.uploadsPerDay(),
                    step.uploadsPerDay() * p.meanSeconds() / 3600,
                    (double) step.converters(),
                    gigabits(step.videoIn()));
        });
        return table.toString();
    }
}
