package dev.tomp3.converter;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class ConverterService {
    public static void main(String[] args) {
        SpringApplication.run(ConverterService.class, args);
    }
}
