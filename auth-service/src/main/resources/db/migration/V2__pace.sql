-- times are milliseconds since 1970; who is a digest
CREATE TABLE hourly_counts (
    who     VARCHAR(64) NOT NULL,
    since   BIGINT      NOT NULL,
    times   INT         NOT NULL,
    last_at BIGINT      NOT NULL,
    PRIMARY KEY (who, since),
    KEY hourly_counts_since (since)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE login_successes (
    pair         VARCHAR(64) NOT NULL,
    succeeded_at BIGINT      NOT NULL,
    PRIMARY KEY (pair),
    KEY login_successes_succeeded_at (succeeded_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
