-- times are milliseconds since 1970
CREATE TABLE users (
    id               VARCHAR(36)  NOT NULL,
    email            VARCHAR(254) NOT NULL,
    password_hash    VARCHAR(255) NOT NULL,
    admin            BIT          NOT NULL,
    disabled         BIT          NOT NULL,
    confirmed        BIT          NOT NULL,
    token_generation INT          NOT NULL,
    created_at       BIGINT       NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY users_email (email),
    KEY users_created (created_at, id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE login_failures (
    pair      VARCHAR(64) NOT NULL,
    failures  INT         NOT NULL,
    failed_at BIGINT      NOT NULL,
    PRIMARY KEY (pair),
    KEY login_failures_failed_at (failed_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
