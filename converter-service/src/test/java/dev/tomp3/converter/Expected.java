package dev.tomp3.converter;

import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Warning;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What should become of a file: an MP3 with these properties, or a failure. */
final class Expected {
    private static final double TOLERANCE = 0.055;

    private static final String DONE = "done";

    /**
     * What became of a file.
     *
     * @param result {@code done}, or the code of the failure
     * @param seconds how long the MP3 is by its head
     * @param tag the bytes of its ID3 tag, without those that are 0
     */
    record Outcome(
            String result,
            double seconds,
            Tones.Heard heard,
            Set<Warning.Code> warnings,
            String title,
            String tag) {
        static Outcome failed(Failure.Code code) {
            return new Outcome(code.wire(), 0, new Tones.Heard(0, List.of()), Set.of(), "", "");
        }

        static Outcome done(
                double seconds,
                Tones.Heard heard,
                Set<Warning.Code> warnings,
                String title,
                String tag) {
            return new Outcome(DONE, seconds, heard, warnings, title, tag);
        }

        @Override
        public String toString() {
            return "%s, %.3f s, heard %s, warnings %s, title '%s'"
                    .formatted(result, heard.seconds(), heard.channels(), warnings, title);
        }
    }

    private final Set<String> results;
    private final List<String> heard;
    private double seconds = Double.NaN;
    private int channels;
    private Set<Warning.Code> warnings = Set.of();
    private Set<Warning.Code> optional = Set.of();
    private Set<Warning.Code> oneOf = Set.of();
    private Set<String> titles = Set.of();
    private Set<String> absent = Set.of();

    private Expected(Collection<String> results, List<String> heard) {
        this.results = new HashSet<>(results);
        this.heard = heard;
    }

    /**
     * An MP3 as long as what is heard, if that is no more than a list of seconds.
     *
     * @param heard in each channel, or the same in all: regular expressions of the seconds as
     *     {@link Tones} writes them; {@code --0123} is two seconds of silence and the first four
     *     seconds of the source
     */
    static Expected done(String... heard) {
        Expected expected = new Expected(Set.of(DONE), List.of(heard));
        if (heard.length > 1) expected.channels = heard.length;
        if (heard[0].matches("[-0-9a-z]+")) expected.seconds = heard[0].length();
        return expected;
    }

    static Expected fails(Failure.Code code) {
        return new Expected(Set.of(code.wire()), List.of(".*"));
    }

    Expected orDone() {
        results.add(DONE);
        return this;
    }

    Expected seconds(double length) {
        seconds = length;
        return this;
    }

    Expected channels(int number) {
        channels = number;
        return this;
    }

    Expected warns(Warning.Code... codes) {
        warnings = Set.of(codes);
        return this;
    }

    /** At least one of these. */
    Expected warnsOneOf(Warning.Code... codes) {
        oneOf = Set.of(codes);
        return this;
    }

    Expected mayWarn(Warning.Code... codes) {
        optional = Set.of(codes);
        return this;
    }

    /** One of these. */
    Expected titled(String... choice) {
        titles = Set.of(choice);
        return this;
    }

    /** Not in the tag. */
    Expected without(String... texts) {
        absent = Set.of(texts);
        return this;
    }

    /** What is not as it should be. */
    List<String> differences(Outcome outcome) {
        List<String> found = new ArrayList<>();
        if (!results.contains(outcome.result)) found.add("the result should be one of " + results);
        if (!outcome.result.equals(DONE) || !found.isEmpty()) return found;
        double length = outcome.heard.seconds();
        if (Math.abs(length - seconds) > TOLERANCE)
            found.add("it should have %s s".formatted(seconds));
        if (Math.abs(length - outcome.seconds) > TOLERANCE)
            found.add("its head says %s s".formatted(outcome.seconds));
        List<String> all = outcome.heard.channels();
        if (channels != 0 && all.size() != channels)
            found.add("it should have %d channels".formatted(channels));
        for (int i = 0; i < all.size(); i++) {
            String wanted = heard.get(Math.min(i, heard.size() - 1));
            if (!all.get(i).matches(wanted)) found.add("one should hear " + wanted);
        }
        Set<Warning.Code> others = new HashSet<>(outcome.warnings);
        boolean one = oneOf.isEmpty() || others.removeAll(oneOf);
        others.removeAll(optional);
        if (!one || !others.equals(warnings))
            found.add(
                    "warnings should be %s, one of %s, and may be %s"
                            .formatted(warnings, oneOf, optional));
        if (!titles.isEmpty() && !titles.contains(outcome.title))
            found.add("the title should be one of " + titles);
        absent.stream()
                .filter(outcome.tag::contains)
                .forEach(text -> found.add("the tag should not have " + text));
        return found;
    }
}
