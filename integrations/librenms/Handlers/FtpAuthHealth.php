<?php

/**
 * FtpAuthHealth.php
 *
 * Logs the notifications of ftphealthd (FTP-AUTH-HEALTH-MIB): which FTP server refuses logins, since when it does not, and
 * what to do about it.
 *
 * Goes to LibreNMS/Snmptrap/Handlers/; the entries of snmptraps.php go to config/snmptraps.php; snmptrapd needs the MIB.
 * Rendered by integrations/render. Not run against the real thing.
 *
 * SPDX-License-Identifier: ISC
 */

namespace LibreNMS\Snmptrap\Handlers;

use App\Models\Device;
use LibreNMS\Enum\Severity;
use LibreNMS\Interfaces\SnmptrapHandler;
use LibreNMS\Snmptrap\Trap;

class FtpAuthHealth implements SnmptrapHandler
{
    private const MIB = 'FTP-AUTH-HEALTH-MIB::';

    private const SEVERITIES = [
        'ftpAuthLoginRefused' => Severity::Error,
        'ftpAuthLoginRecovered' => Severity::Ok,
        'ftpAuthUnreachable' => Severity::Error,
        'ftpAuthReachable' => Severity::Ok,
        'ftpAuthAtRisk' => Severity::Warning,
        'ftpAuthAtRiskCleared' => Severity::Ok,
        'ftpAuthSyncChanged' => Severity::Warning,
        'ftpAuthCertExpiring' => Severity::Warning,
        'ftpAuthCertRenewed' => Severity::Ok,
        'ftpAuthDegraded' => Severity::Warning,
        'ftpAuthDegradedCleared' => Severity::Ok,
        'ftpAuthMassFailure' => Severity::Error,
        'ftpAuthMassRecovered' => Severity::Ok,
        'ftpAuthHeartbeat' => Severity::Info,
        'ftpAuthAgentStarted' => Severity::Info,
        'ftpAuthAgentStopping' => Severity::Warning,
    ];

    /**
     * Handle snmptrap.
     * Data is pre-parsed and delivered as a Trap.
     *
     * @param  Device  $device
     * @param  Trap  $trap
     * @return void
     */
    public function handle(Device $device, Trap $trap): void
    {
        $notification = str_replace(self::MIB, '', $trap->getTrapOid());
        $name = $this->value($trap, 'ftpAuthNotifyName');
        $text = $this->value($trap, 'ftpAuthNotifyText');
        $severity = self::SEVERITIES[$notification] ?? Severity::Unknown;

        if ($name === '') {
            $trap->log("FTP monitor: $text", $severity, 'ftp-auth-health');

            return;
        }

        $host = $this->value($trap, 'ftpAuthNotifyHost');
        $remedy = $severity === Severity::Ok ? '' : $this->value($trap, 'ftpAuthStatusRemedy');
        $trap->log(trim("FTP $name ($host): $text. $remedy"), $severity, 'ftp-auth-health', $name);
    }

    private function value(Trap $trap, string $object): string
    {
        $oid = $trap->findOid(self::MIB . $object);

        return $oid ? (string) $trap->getOidData($oid) : '';
    }
}
